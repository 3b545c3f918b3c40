// The format of the files in suite/, which suite/schema.json specifies and suite/README.md describes.

export type Result = 'valid' | 'invalid' | 'acceptable'

/** What recomputing the signature from the bytes of `http` shows; `none` if that is not possible. */
export type SignatureState = 'match' | 'mismatch' | 'none'

/** S3's response, and where a reader finds it. */
export interface ServiceResponse {
  /** Missing if only the refusal is certain. */
  readonly status?: number
  readonly code?: string
  readonly source: string
}

/** A value that is computed before the request is filled in. */
export type Step =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly base64: string }
  | { readonly name: string; readonly hmac: string; readonly key?: readonly string[] }
  | { readonly name: string; readonly hmacSha1: string }
  | { readonly name: string; readonly ecdsa: string }

export interface Change {
  readonly what: string
  readonly parts: readonly string[]
}

/** What to read after a request was accepted, to see whether the fault took effect. */
export interface Proof {
  readonly get: string
  /** The key of an object with the same body. */
  readonly is?: string
  /** A header of the response: name, colon, space, value. */
  readonly has?: string
}

/** What is signed and sent, as strings with holes. */
export interface Texts {
  readonly sign: readonly Step[]
  readonly send?: string | undefined
}

export interface Test {
  readonly id: string
  readonly of?: string
  readonly comment: string
  readonly flags: readonly string[]
  readonly result: Result
  readonly signature: SignatureState
  readonly change?: Change
  readonly aws?: ServiceResponse
  readonly needs?: readonly string[]
  readonly live?: false
  readonly layer?: 'storage'
  readonly sign: readonly Step[]
  readonly send?: string
  readonly http: string
  readonly proof?: Proof
  /** The ID of a test that a server accepts only if the fault of this one takes effect. */
  readonly provedBy?: string
}

/** A test without its bytes, which `fill` computes from what is signed and sent. */
export type UnfilledTest = Omit<Test, 'http'>

/** What a verifier knows. */
export interface Setting {
  readonly host: string
  readonly bucket: string
  readonly path: string
  readonly prefix: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly region: string
  readonly service: string
  readonly now: string
}

export type Profile = 's3' | 's3-post' | 'service' | 'sigv4a' | 'events'

export interface StoredObject {
  readonly key: string
  readonly body: string
}

export interface Group<Case = Test> {
  readonly id: string
  readonly profile: Profile
  readonly setting: Setting
  readonly objects: readonly StoredObject[]
  readonly tests: readonly Case[]
}

export interface Note {
  readonly severity: 'security' | 'interoperability'
  readonly description: string
  readonly effect: string
  readonly source: readonly string[]
  readonly seen: readonly string[]
}

export interface SuiteFile<Case = Test> {
  readonly schema: 'sigv4-suite-1'
  readonly version: string
  readonly license: string
  readonly topic: string
  readonly header: readonly string[]
  readonly numberOfTests: number
  readonly notes: Readonly<Record<string, Note>>
  readonly testGroups: readonly Group<Case>[]
}
