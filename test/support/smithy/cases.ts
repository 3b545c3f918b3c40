// The cases in fixtures/signature-v4/cases.json, which are those of @smithy/signature-v4's own tests.

/** A case, as JSON or with the values that JSON does not have. */
export interface SmithyCase {
  readonly name: string
  readonly signer: object
  readonly method: 'sign' | 'presign'
  readonly request: object | string
  readonly options?: object
  readonly signature: string
}

const SETS = ['unsignableHeaders', 'signableHeaders', 'unhoistableHeaders', 'hoistableHeaders']

/** A `Date`, bytes, a stream, or what a function returns. */
type Stored = { date?: string; bytes?: number[]; stream?: true; provided?: unknown }

/** Parses cases, with the values that JSON does not have. */
export function parseCases(json: string): SmithyCase[] {
  return JSON.parse(json, (name, value: Stored) => {
    if (SETS.includes(name)) return new Set(value as unknown as string[])
    if (value?.date) return new Date(value.date)
    if (value?.bytes) return Uint8Array.from(value.bytes)
    // any object that cannot be hashed
    if (value?.stream) return {}
    return value?.provided === undefined ? value : async () => value.provided
  })
}

/** Returns the signature in a signed request, or that of a string. */
export function signatureIn(signed: string | { query?: object; headers: Record<string, string> }): unknown {
  if (typeof signed === 'string') return signed
  const { 'X-Amz-Signature': parameter } = (signed.query ?? {}) as Record<string, unknown>
  return parameter ?? signed.headers.authorization?.slice(-64)
}
