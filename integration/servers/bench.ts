import * as asynchronous from '../../src/index.ts'
import type { Expires, PresignOptions, S3Object, SignedRequest, SignOptions, UnsignedRequest } from '../../src/sync.ts'
import * as synchronous from '../../src/sync.ts'
import type { RunningServer } from './server.ts'
import { accepted, type Reply, send } from './wire.ts'

type Sync = typeof synchronous
type Presigning =
  | 'presign'
  | 'presignGet'
  | 'presignPut'
  | 'presignHead'
  | 'presignDelete'
  | 'presignPost'
  | 'presignMultipartUpload'
  | 'presignMultipartParts'
  | 'deriveSigningKey'
type Awaitable<F extends (...args: never) => unknown> = (
  ...args: Parameters<F>
) => ReturnType<F> | Promise<ReturnType<F>>

/** Either entry of the library. Only the asynchronous one returns promises. */
export type Entry = { [name in Presigning]: Awaitable<Sync[name]> } & Pick<
  Sync,
  'objectUrl' | 'toFormData' | 'checkPost'
> & {
    sign(request: UnsignedRequest, options: SignOptions): SignedRequest | Promise<SignedRequest>
  }

/** The options of all presign functions. */
export type Options = PresignOptions & { readonly expires?: Expires | undefined }

export const ENTRIES: Record<string, Entry> = {
  sigv4: asynchronous as unknown as Entry,
  'sigv4/sync': synchronous,
}

/** The environment of a case: an entry of the library, a server, a bucket, and a separate key prefix. */
export interface Bench {
  sigv4: Entry
  server: RunningServer
  bucket: string
  prefix: string
}

/** An object of the case, in path style. */
export function object(bench: Bench, key: string): S3Object {
  const { region, endpoint } = bench.server
  return { bucket: bench.bucket, key: bench.prefix + key, region, endpoint, pathStyle: true }
}

/** The URL of the bucket. The options specify region and service, because the host does not identify them. */
export function bucketUrl(bench: Bench): string {
  return `${bench.server.endpoint}/${bench.bucket}`
}

/** The options for an object: the server's credentials and those of the case. */
export function using(bench: Bench, options: Partial<Options> = {}): Options {
  return { credentials: bench.server.credentials, ...options }
}

/** The options for a URL: the same, with region and service. */
export function scoped<T extends Partial<Options & SignOptions>>(bench: Bench, options?: T): Options & SignOptions {
  return { credentials: bench.server.credentials, region: bench.server.region, service: 's3', ...options }
}

export function bytes(content: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(content)
}

/** Stores an object for the case. */
export async function store(bench: Bench, key: string, content: string, options: Partial<Options> = {}) {
  const upload = await bench.sigv4.presignPut(object(bench, key), using(bench, options))
  return accepted(await send(upload, { body: bytes(content) }))
}

/** Fetches an object of the case. */
export async function load(bench: Bench, key: string, options: Partial<Options> = {}): Promise<Reply> {
  return send(await bench.sigv4.presignGet(object(bench, key), using(bench, options)))
}
