import { createHash } from 'node:crypto'
import { isObject } from '../core/kind.ts'
import type { Call } from './call.ts'
import {
  CHECKSUMS,
  type Checksum,
  type ChecksumAlgorithm,
  checksumHeader,
  createDigest,
  isChecksumAlgorithm,
} from './checksums.ts'
import { rejectArgument, S3Error } from './errors.ts'
import type { Upload } from './upload.ts'

const MAX_SIZE = 5 * 1024 ** 3
const MAX_METADATA_SIZE = 2048
const STORED = [
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
]
const META_NAME = /^x-amz-meta-[a-z\d!#$%&'*+.^_`|~-]*$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Stores and checks the body of an object or a part. If a check fails, nothing is kept. */
export async function receive(call: Call): Promise<Upload> {
  const length = declaredLength(call)
  const md5 = declaredMd5(call)
  const declared = declaredChecksum(call)
  call.store.requireSpace(length)
  return storeBody(call, call.body(), { length, md5, ...declared })
}

interface Declared {
  length?: number
  md5?: Buffer | undefined
  algorithm?: ChecksumAlgorithm | undefined
  /** In Base64. If it is missing, it is in the trailers. */
  value?: string | undefined
}

export async function storeBody(
  { store }: Pick<Call, 'store'>,
  body: AsyncGenerator<Uint8Array, Record<string, string> | undefined>,
  { length, md5, algorithm, value }: Declared,
): Promise<Upload> {
  const hash = createHash('md5')
  const digest = algorithm && createDigest(algorithm)
  let size = 0
  let checksum: Checksum | undefined

  // The source runs the checks, so the store discards the content if one fails.
  async function* checked() {
    let trailers: Record<string, string> | undefined
    try {
      for (;;) {
        const next = await body.next()
        if (next.done) {
          trailers = next.value
          break
        }
        hash.update(next.value)
        digest?.update(next.value)
        size += next.value.length
        yield next.value
      }
    } finally {
      await body.return(undefined)
    }
    if (length !== undefined && size !== length)
      throw new S3Error('IncompleteBody', { NumberBytesExpected: length, NumberBytesProvided: size })
    if (algorithm) {
      const expected = value ?? checkedValue(algorithm, trailers?.[checksumHeader(algorithm)] ?? '')
      const calculated = digest!.digest().toString('base64')
      if (calculated !== expected)
        throw new S3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`)
      checksum = { algorithm, value: calculated, type: 'FULL_OBJECT' }
    }
  }

  const content = await store.write(checked())
  const calculated = hash.digest()
  if (md5 && !md5.equals(calculated)) {
    store.release(content)
    throw new S3Error('BadDigest', {
      ExpectedDigest: md5.toString('base64'),
      CalculatedDigest: calculated.toString('base64'),
    })
  }
  return { content, md5: calculated.toString('hex'), checksum }
}

/** Returns the size of the object, which S3 requires before the body. */
function declaredLength({ header, isChunked }: Call): number {
  const length = isChunked ? header('x-amz-decoded-content-length') : header('content-length')
  if (!isChunked && header('transfer-encoding') !== undefined)
    throw new S3Error('NotImplemented', { Header: 'Transfer-Encoding' })
  if (length === undefined || !/^\d{1,15}$/.test(length)) throw new S3Error('MissingContentLength')
  if (Number(length) > MAX_SIZE) throw new S3Error('EntityTooLarge', { ProposedSize: length, MaxSizeAllowed: MAX_SIZE })
  return Number(length)
}

/** Returns `Content-MD5`, if it is set. */
export function declaredMd5({ header }: Pick<Call, 'header'>): Buffer | undefined {
  const value = header('content-md5')
  if (value === undefined) return undefined
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== 16 || bytes.toString('base64') !== value.trim())
    throw new S3Error('InvalidDigest', { 'Content-MD5': value })
  return bytes
}

/** Returns the checksum of a request: its value, or only its algorithm if the value is in the trailers. */
export function declaredChecksum({ header, headerNames }: Pick<Call, 'header' | 'headerNames'>): Declared {
  const trailer = header('x-amz-trailer')?.toLowerCase()
  const named = headerNames.filter((name) => /^x-amz-checksum-(?!algorithm$|type$|mode$)/.test(name))
  if (trailer !== undefined) named.push(...trailer.split(',').map((name) => name.trim()))
  if (named.length > 1)
    throw new S3Error(
      'InvalidRequest',
      {},
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  const [name] = named
  const requested = header('x-amz-sdk-checksum-algorithm')?.toUpperCase()
  if (name === undefined) {
    if (requested !== undefined)
      throw new S3Error(
        'InvalidRequest',
        {},
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
      )
    return {}
  }
  const algorithm = name.replace(/^x-amz-checksum-/, '').toUpperCase()
  if (!isChecksumAlgorithm(algorithm) || !name.startsWith('x-amz-checksum-'))
    throw new S3Error('InvalidRequest', {}, 'The value specified in the x-amz-trailer header is not supported')
  if (requested !== undefined && requested !== algorithm)
    throw new S3Error('InvalidRequest', {}, 'Value for x-amz-sdk-checksum-algorithm header is invalid.')
  return { algorithm, value: trailer === undefined ? checkedValue(algorithm, header(name)!) : undefined }
}

function checkedValue(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== CHECKSUMS[algorithm] || bytes.toString('base64') !== value.trim())
    throw new S3Error('InvalidRequest', {}, `Value for ${checksumHeader(algorithm)} header is invalid.`)
  return value.trim()
}

/** Returns the headers to store with an object. */
export function storedHeaders({ header, headerNames }: Pick<Call, 'header' | 'headerNames'>): Record<string, string> {
  const kept: Record<string, string> = {}
  const keep = (name: string, value: string) => {
    kept[name] = sendable(name, value)
  }
  keep('content-type', header('content-type') || 'binary/octet-stream')
  const encoding = sendable('content-encoding', header('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
  const codings = encoding.filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
  if (codings.length > 0) kept['content-encoding'] = codings.join(', ')
  for (const name of [...STORED, ...headerNames.filter((name) => name.startsWith('x-amz-meta-'))]) {
    const value = header(name)
    if (value !== undefined) keep(name, value)
  }
  let size = 0
  for (const name in kept)
    if (name.startsWith('x-amz-meta-')) size += name.length - 'x-amz-meta-'.length + kept[name]!.length
  if (size > MAX_METADATA_SIZE) throw new S3Error('MetadataTooLarge', { Size: size, MaxSizeAllowed: MAX_METADATA_SIZE })
  return kept
}

/** Whether headers can be stored with an object and sent. */
export function areStorable(headers: unknown): headers is Record<string, string> {
  const names = ['content-type', 'content-encoding', ...STORED]
  return (
    isObject(headers) &&
    Object.entries(headers).every(
      ([name, value]) =>
        (names.includes(name) || META_NAME.test(name)) && typeof value === 'string' && VALUE.test(value),
    )
  )
}

/** Returns a value if it can be sent in a header. Parameters and form fields can contain any character. */
export function sendable(name: string, value: string): string {
  if (name.startsWith('x-amz-meta-') && !META_NAME.test(name))
    rejectArgument('Metadata name cannot be sent as the name of a header.', name, value)
  if (!VALUE.test(value)) rejectArgument('Header value cannot be represented using ISO-8859-1.', name, value)
  return value
}
