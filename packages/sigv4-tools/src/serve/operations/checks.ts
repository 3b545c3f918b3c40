import { createHash } from 'node:crypto'
import {
  checksumHeader,
  checksumLength,
  checksumName,
  isChecksumAlgorithm,
} from '../../../../../src/internal/checksums.ts'
import { fillIn } from '../../../../../src/internal/errors.ts'
import { CHECKSUM_WRONG } from '../../../../../src/internal/refusals.ts'
import { rejectRequest, S3Error } from '../http/errors.ts'
import type { Headers } from '../http/headers.ts'
import { text } from '../http/xml.ts'
import { ALGORITHMS, type Checksum, type ComputedAlgorithm, isComputed, startChecksum } from '../store/checksums.ts'
import type { Body, Trailers } from './request.ts'

/** The length and checksums that a request states for its body. */
export interface Declared {
  readonly length?: number
  readonly md5?: Buffer | undefined
  readonly algorithm?: ComputedAlgorithm | undefined
  /** In Base64. If it is missing, it is in the trailers, and was checked with the body. */
  readonly value?: string | undefined
}

export interface Checked {
  /** In hex. */
  readonly md5: string
  readonly checksum: Checksum | undefined
}

/** Yields the bytes of a body, and throws at its end if it differs from its declaration. */
export async function* checkedBody(
  body: Body,
  { length, md5, algorithm, value }: Declared,
): AsyncGenerator<Uint8Array, Checked> {
  const hash = createHash('md5')
  const computed = algorithm && value !== undefined ? startChecksum(algorithm) : undefined
  let size = 0
  let trailers: Trailers | undefined
  try {
    let next = await body.next()
    for (; !next.done; next = await body.next()) {
      hash.update(next.value)
      computed?.update(next.value)
      size += next.value.length
      yield next.value
    }
    trailers = next.value
  } finally {
    await body.return(undefined)
  }
  if (length !== undefined && size !== length)
    throw new S3Error('IncompleteBody', { NumberBytesExpected: length, NumberBytesProvided: size })
  let checksum: Checksum | undefined
  if (algorithm) {
    const expected = value ?? checkedValue(algorithm, trailers?.[checksumHeader(algorithm)] ?? '')
    checksum = { algorithm, value: computed?.digest() ?? expected, type: 'FULL_OBJECT' }
    checkDigest(algorithm, checksum.value, expected)
  }
  const calculated = hash.digest()
  if (md5 && !md5.equals(calculated))
    throw new S3Error('BadDigest', {
      ExpectedDigest: md5.toString('base64'),
      CalculatedDigest: calculated.toString('base64'),
    })
  return { md5: calculated.toString('hex'), checksum }
}

/** Throws if a checksum differs from the declared one. */
export function checkDigest(algorithm: ComputedAlgorithm, value: string | undefined, expected: string): void {
  if (value !== expected) throw new S3Error('BadDigest', {}, fillIn(CHECKSUM_WRONG[0], { algorithm }))
}

/** Reads the length and checksums that a request, or a form, states for its body. */
export function readDeclared(headers: Headers): Declared {
  return { md5: declaredMd5(headers), ...declaredChecksum(headers) }
}

function declaredMd5(headers: Headers): Buffer | undefined {
  const value = headers.get('content-md5')
  if (value === undefined) return undefined
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== 16 || bytes.toString('base64') !== value.trim())
    throw new S3Error('InvalidDigest', { 'Content-MD5': value })
  return bytes
}

/** Returns the checksum of a request: its value, or only its algorithm if the value is in the trailers. */
function declaredChecksum(headers: Headers): Pick<Declared, 'algorithm' | 'value'> {
  const trailer = headers.get('x-amz-trailer')?.toLowerCase()
  const named = [...headers.keys()].filter((name) => checksumName(name) !== undefined)
  if (trailer !== undefined) named.push(...trailer.split(',').map((name) => name.trim()))
  if (named.length > 1)
    rejectRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  const [name] = named
  const requested = headers.get('x-amz-sdk-checksum-algorithm')?.toUpperCase()
  if (name === undefined) {
    if (requested === undefined) return {}
    rejectRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  const algorithm = checksumName(name)
  if (!isChecksumAlgorithm(algorithm))
    return rejectRequest('The value specified in the x-amz-trailer header is not supported')
  requireComputed(algorithm, name)
  if (requested !== undefined && requested !== algorithm)
    rejectRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.')
  return { algorithm, value: trailer === undefined ? checkedValue(algorithm, headers.get(name)!) : undefined }
}

/** Throws for a checksum that S3 supports, but this server cannot compute. */
export function requireComputed(algorithm: string, header: string): asserts algorithm is ComputedAlgorithm {
  if (!isComputed(algorithm))
    throw new S3Error(
      'NotImplemented',
      { Header: header },
      `sigv4-tools serve does not compute the checksum ${algorithm}. Use one of ${ALGORITHMS.join(', ')}.`,
    )
}

function checkedValue(algorithm: ComputedAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64')
  if (value.trim().length !== checksumLength(algorithm) || bytes.toString('base64') !== value.trim())
    rejectRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`)
  return value.trim()
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {}
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

export function checksumElement(checksum: Checksum | undefined): string {
  return checksum ? text(`Checksum${checksum.algorithm}`, checksum.value) + text('ChecksumType', checksum.type) : ''
}
