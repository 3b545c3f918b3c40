import { fromEnvironment, fromS3Express, fromWebIdentity } from '../../src/credentials.ts'
import { createSignedFetch } from '../../src/fetch.ts'
import * as sigv4 from '../../src/index.ts'
import * as sigv4a from '../../src/sigv4a.ts'
import { type Bytes, crc32c, resignChunks, signChunks, signEvents } from '../../src/streams.ts'
import * as sync from '../../src/sync.ts'
import * as tokens from '../../src/tokens.ts'
import * as tokensSync from '../../src/tokens-sync.ts'
import { trace } from '../../src/trace.ts'
import { verify } from '../../src/verify.ts'

// Calls that neither compile nor run. `npx tsc -p .` compiles them against the sources, and each supported compiler against
// the package: an error that is expected and does not occur is an error. Each call is on one line, and its name starts with
// what is wrong, all of it.

type Calls = Readonly<Record<string, () => unknown>>

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
/** As the AWS CLI prints them. */
const printed = { AccessKeyId: 'AKIDEXAMPLE', SecretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const url = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const region = { region: 'eu-west-1' }
const scope = { region: 'eu-west-1', service: 's3' }
const object = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
const zone = { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' }
const request = { method: 'GET', url: '/cat.jpg', headers: { host: 'photos.s3.eu-west-1.amazonaws.com' } }
const verified = {
  signedHeaders: ['host'],
  verifyBody: async function* (): AsyncGenerator<Bytes, Record<string, string>> {
    yield new Uint8Array()
    return {}
  },
}
const lookup = (): string => credentials.secretAccessKey

export const misused: Calls = {
  // @ts-expect-error seconds or milliseconds
  'baseDelay: a number': () => createSignedFetch({ credentials, retry: { baseDelay: 50 } }),
  // @ts-expect-error a string is not a moment
  'now: a string, in presignGet': () => sigv4.presignGet(url, { credentials, now: '2026-01-31T12:00:00Z' }),
  // @ts-expect-error a string is not a moment
  'now: a string, in sign': () => sync.sign({ url }, { credentials, now: '20260131T120000Z' }),
  // @ts-expect-error a string is not a moment
  'now: a function that returns a string': () => createSignedFetch({ credentials, now: () => '2026-01-31' })(url),
  // @ts-expect-error a string is not a moment
  'now: a string, in verify': () => verify(request, { credentials: lookup, now: '2026-01-31T12:00:00Z' }),
  // @ts-expect-error a moment is not a duration
  'window: a Date': () => sync.presignGet(url, { credentials, window: new Date() }),
  // @ts-expect-error a moment is not a duration
  'clockSkew: a Date': () => verify(request, { credentials: lookup, clockSkew: new Date() }),
  // @ts-expect-error one name instead of a list
  'signedHeaders: a string': () => sync.sign({ url }, { credentials, signedHeaders: 'content-type' }),
  // @ts-expect-error the name of an implementation
  'checksum: a name, in sign': () => sync.sign({ url, method: 'PUT' }, { credentials, checksum: 'CRC32C' }),
  // @ts-expect-error the name of an implementation
  'checksum: a name, in signChunks': () => signChunks({ url }, { credentials, decodedLength: 1, checksum: 'CRC32C' }),
  // @ts-expect-error the name of an implementation
  'checksum: a name, in createSignedFetch': () => createSignedFetch({ credentials, checksum: 'CRC32C' })(url),
  // @ts-expect-error names of implementations
  'checksums: names': () => verify(request, { credentials: lookup, checksums: ['CRC32C'] }),
  // @ts-expect-error one implementation instead of a list
  'checksums: an implementation': () => verify(request, { credentials: lookup, checksums: crc32c }),
  // @ts-expect-error an implementation where its name is required
  'checksum: an implementation': () => sigv4.presignMultipartUpload(object, { credentials, size: 1, checksum: crc32c }),
  // @ts-expect-error an implementation where its name is required
  'checksum: the same, in sync': () => sync.presignMultipartUpload(object, { credentials, size: 1, checksum: crc32c }),
  // @ts-expect-error members named as the AWS CLI prints them
  'credentials: as AWS prints them': () => sigv4.presignGet(url, { credentials: printed }),
  // @ts-expect-error members named as the AWS CLI prints them
  'credentials: as AWS prints them, in sigv4/sync': () => sync.presignGet(url, { credentials: printed }),
  // @ts-expect-error sigv4/sync calls no function for credentials
  'credentials: a function, in sigv4/sync': () => sync.presignGet(url, { credentials: () => credentials }),
  // @ts-expect-error sigv4/sync calls no function for credentials
  'credentials: a provider, in sigv4/sync': () => sync.sign({ url }, { credentials: fromEnvironment }),
  // @ts-expect-error sigv4/tokens/sync calls no function for credentials
  'credentials: a function for tokens': () => tokensSync.callerIdentity(region, { credentials: () => credentials }),
  // @ts-expect-error sigv4/trace calls no function for credentials
  'credentials: a function, in trace': () => trace(request, { credentials: () => credentials }),
  // @ts-expect-error a provider for one key is not a lookup
  'credentials: no lookup, in verify': () => verify(request, { credentials }),
  // @ts-expect-error the key is for one region
  'region: a list': () => sync.presignGet(url, { credentials, region: ['eu-west-1', 'us-east-1'] }),
  // @ts-expect-error now
  signingDate: () => sigv4.presignGet(url, { credentials, signingDate: new Date() }),
  // @ts-expect-error signedHeaders
  signHeaders: () => sync.sign({ url }, { credentials, signHeaders: ['content-type'] }),
  // @ts-expect-error expires
  expiresIn: () => sigv4.presignGet(url, { credentials, expiresIn: 900 }),
  // @ts-expect-error expires
  'expiresIn: in sigv4/sync': () => sync.presignPut(url, { credentials, expiresIn: 900 }),
  // @ts-expect-error checksum
  checksumAlgorithm: () => sync.presignMultipartUpload(object, { credentials, size: 1, checksumAlgorithm: 'CRC32C' }),
  // @ts-expect-error now
  clockOffset: () => signEvents(url, { credentials, clockOffset: 1000 }),
  // @ts-expect-error duration
  durationSeconds: () => fromWebIdentity({ durationSeconds: 900 }),
  // @ts-expect-error url
  target: () => trace({ method: 'GET', target: '/cat.jpg', headers: request.headers }, { credentials }),

  // @ts-expect-error the scope, then the options
  'credentials: the first argument': () => sigv4.deriveSigningKey(credentials, scope),
  // @ts-expect-error the scope, then the options
  'credentials: the first argument, in sigv4/sync': () => sync.deriveSigningKey(credentials, scope),
  // @ts-expect-error the options
  'credentials: the first argument, in sigv4/sigv4a': () => sigv4a.deriveSigningKey(credentials),
  // @ts-expect-error credentials
  to: () => resignChunks({ url }, { from: verified, to: credentials }),
  // @ts-expect-error { bucket, region }
  'zone.bucket: a string for the target': () => fromS3Express(zone.bucket, { credentials }),
  // @ts-expect-error the region of the target
  'region: an option of fromS3Express': () => fromS3Express(zone, { credentials, region: 'us-east-1' }),
  // @ts-expect-error the mode is an option
  'mode: in a target': () => tokens.s3ExpressSession({ ...zone, mode: 'ReadOnly' }, { credentials }),
  // @ts-expect-error the mode is an option
  'mode: in a target, sync': () => tokensSync.s3ExpressSession({ ...zone, mode: 'ReadOnly' }, { credentials }),
}

/** Calls that compile, because the type of a duration is a string, but do not run. */
export const malformed: Calls = Object.fromEntries(
  ['900', '5 minutes', '5min', '1.5h', '15M', 'm', ''].flatMap((duration) => [
    [`expires: '${duration}'`, () => sync.presignGet(url, { credentials, expires: duration })],
    [`window: '${duration}'`, () => sync.presignGet(url, { credentials, window: duration })],
    [`clockSkew: '${duration}'`, () => verify(request, { credentials: lookup, clockSkew: duration })],
    [`duration: '${duration}'`, () => fromWebIdentity({ duration })],
    [`baseDelay: '${duration}'`, () => createSignedFetch({ credentials, retry: { baseDelay: duration } })],
  ]),
)
