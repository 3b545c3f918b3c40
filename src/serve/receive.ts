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
import { refuseArgument, S3Error } from './errors.ts'
import type { Upload } from './upload.ts'

const LARGEST = 5 * 1024 ** 3
const LARGEST_METADATA = 2048
const KEPT = ['cache-control', 'content-disposition', 'content-language', 'expires', 'x-amz-website-redirect-location']
const META_NAME = /^x-amz-meta-[a-z\d!#$%&'*+.^_`|~-]*$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Takes in the body of an object or a part: nothing of it stays if anything is wrong with it. */
export async function receive(call: Call): Promise<Upload> {
  const length = declaredLength(call)
  const md5 = declaredMd5(call)
  const declared = declaredChecksum(call)
  call.store.expectRoom(length)
  return takeIn(call, call.body(), { length, md5, ...declared })
}

interface Declared {
  length?: number
  md5?: Buffer | undefined
  algorithm?: ChecksumAlgorithm | undefined
  /** In base64; if there is none, it comes behind the body. */
  value?: string | undefined
}

export async function takeIn(
  { store }: Pick<Call, 'store'>,
  body: AsyncGenerator<Uint8Array, Record<string, string> | undefined>,
  { length, md5, algorithm, value }: Declared,
): Promise<Upload> {
  const hash = createHash('md5')
  const digest = algorithm && createDigest(algorithm)
  let size = 0
  let checksum: Checksum | undefined

  // the checks belong to the source: what fails at its end is given up by the store
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

  const content = await store.take(checked())
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

/** The size of the object, which S3 requires before the body. */
function declaredLength({ header, isChunked }: Call): number {
  const length = isChunked ? header('x-amz-decoded-content-length') : header('content-length')
  if (!isChunked && header('transfer-encoding') !== undefined)
    throw new S3Error('NotImplemented', { Header: 'Transfer-Encoding' })
  if (length === undefined || !/^\d{1,15}$/.test(length)) throw new S3Error('MissingContentLength')
  if (Number(length) > LARGEST) throw new S3Error('EntityTooLarge', { ProposedSize: length, MaxSizeAllowed: LARGEST })
  return Number(length)
}

/** `Content-MD5`, if there is one. */
export function declaredMd5({ header }: Pick<Call, 'header'>): Buffer | undefined {
  const given = header('content-md5')
  if (given === undefined) return undefined
  const bytes = Buffer.from(given, 'base64')
  if (bytes.length !== 16 || bytes.toString('base64') !== given.trim())
    throw new S3Error('InvalidDigest', { 'Content-MD5': given })
  return bytes
}

/** The one checksum of a request: its value, or that it comes behind the body. */
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
  const wanted = header('x-amz-sdk-checksum-algorithm')?.toUpperCase()
  if (name === undefined) {
    if (wanted !== undefined)
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
  if (wanted !== undefined && wanted !== algorithm)
    throw new S3Error('InvalidRequest', {}, 'Value for x-amz-sdk-checksum-algorithm header is invalid.')
  return { algorithm, value: trailer === undefined ? checkedValue(algorithm, header(name)!) : undefined }
}

function checkedValue(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== CHECKSUMS[algorithm] || bytes.toString('base64') !== value.trim())
    throw new S3Error('InvalidRequest', {}, `Value for ${checksumHeader(algorithm)} header is invalid.`)
  return value.trim()
}

/** The headers that are kept with an object and sent with it. */
export function headersToKeep({ header, headerNames }: Pick<Call, 'header' | 'headerNames'>): Record<string, string> {
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
  for (const name of [...KEPT, ...headerNames.filter((name) => name.startsWith('x-amz-meta-'))]) {
    const value = header(name)
    if (value !== undefined) keep(name, value)
  }
  let size = 0
  for (const name in kept)
    if (name.startsWith('x-amz-meta-')) size += name.length - 'x-amz-meta-'.length + kept[name]!.length
  if (size > LARGEST_METADATA) throw new S3Error('MetadataTooLarge', { Size: size, MaxSizeAllowed: LARGEST_METADATA })
  return kept
}

/** Whether headers are such as an object may have, and can be sent. */
export function areKeepable(headers: unknown): headers is Record<string, string> {
  const names = ['content-type', 'content-encoding', ...KEPT]
  return (
    isObject(headers) &&
    Object.entries(headers).every(
      ([name, value]) =>
        (names.includes(name) || META_NAME.test(name)) && typeof value === 'string' && VALUE.test(value),
    )
  )
}

/** A value that fits into a header: parameters and form fields may have any character, in their names too. */
export function sendable(name: string, value: string): string {
  if (name.startsWith('x-amz-meta-') && !META_NAME.test(name))
    refuseArgument('Metadata name cannot be sent as the name of a header.', name, value)
  if (!VALUE.test(value)) refuseArgument('Header value cannot be represented using ISO-8859-1.', name, value)
  return value
}
