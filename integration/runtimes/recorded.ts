import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import aws4 from 'aws4'
import { type DocKey, type DocRequest, docExamples, sigv4aFixture, suiteCases } from '../../test/support/fixtures.ts'
import { type RecordedTest, recordedSuite } from './recorded-suite.ts'
import {
  type ChunkedUpload,
  chunkedUpload,
  type DocForm,
  docForm,
  docVector,
  type SignedForm,
  suiteVectors,
  type Vector,
} from './recorded-vectors.ts'
import { type RecordedResponse, recordedResponses } from './responses.ts'

// Expected values as plain data: AWS's signing test suite and documentation, node:crypto, and aws4. None of them
// comes from the library.

/** Keys, and requests for a Multi-Region Access Point, of Signature Version 4a. */
export interface RecordedSigV4a {
  keys: { accessKeyId: string; secretAccessKey: string; hex: string }[]
  requests: {
    id: string
    url: string
    options: {
      credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
      now: number
      regionSet: string
      payloadHash: string
    }
    expires?: number
    stringToSign: string
    signature: string
  }[]
}

export interface Recorded {
  vectors: Vector[]
  keys: { id: string; secretAccessKey: string; date: string; region: string; service: string; hex: string }[]
  /** Worked examples of signed chunks. */
  chunked: ChunkedUpload[]
  /** The worked example of a form: its fields before the file. */
  form: SignedForm
  /** SHA-256 of the bytes 0, 1, 2… modulo 251, by length. */
  lengths: [length: number, hash: string][]
  /** SHA-256 of repeated strings in UTF-8. */
  strings: [text: string, times: number, hash: string][]
  responses: RecordedResponse[]
  /** Tests of suite/. */
  suite: RecordedTest[]
  sigv4a: RecordedSigV4a
  /** The cases of @smithy/signature-v4's tests, as JSON. */
  smithy: string
  /** The results of aws4. */
  aws4: { request: Record<string, unknown>; credentials: Record<string, string>; signed: unknown }[]
}

export function recorded(): Recorded {
  const docs = docExamples()
  const requests = docs.filter((example): example is DocRequest => 'request' in example)
  return {
    vectors: [...suiteCases().flatMap(suiteVectors), ...requests.map(docVector)],
    keys: docs
      .filter((example): example is DocKey => example.kind === 'signing-key')
      .map(({ expected, id, secretAccessKey, date, region, service }) => {
        return { id, secretAccessKey, date, region, service, hex: expected.kSigning }
      }),
    chunked: requests.filter(({ kind }) => kind === 'chunked').map(chunkedUpload),
    form: docForm(docs.find((example): example is DocForm => example.kind === 'post-policy')!),
    lengths: LENGTHS.map((length) => [length, hashOf(Uint8Array.from({ length }, (_, i) => i % 251))]),
    strings: STRINGS.map(([text, times]) => [text, times, hashOf(Buffer.from(text.repeat(times), 'utf8'))]),
    responses: recordedResponses(),
    suite: recordedSuite(),
    sigv4a: recordedSigV4a(),
    smithy: readFileSync(new URL('../../fixtures/signature-v4/cases.json', import.meta.url), 'utf8'),
    aws4: AWS4.map(([request, credentials]) => {
      return { request, credentials, signed: aws4.sign(structuredClone(request), credentials) }
    }),
  }
}

function recordedSigV4a(): RecordedSigV4a {
  const { credentials, keys, cases } = sigv4aFixture()
  const requests = cases
    .filter(({ input }) => input.method === 'GET')
    .map(({ id, input, output, canonicalRequest, stringToSign }) => {
      const { host, path, regionSet, sessionToken, expires } = input
      const text = [output.path, ...output.headers.map(([, value]) => value)].join('\n')
      const [, signature] = /Signature=([\da-f]+)/.exec(text)!
      const options = {
        credentials: { ...credentials, ...(sessionToken && { sessionToken }) },
        now: Date.parse('2015-08-30T12:36:00Z'),
        regionSet,
        payloadHash: canonicalRequest.split('\n').at(-1)!,
      }
      return {
        id,
        url: `https://${host}${path}`,
        options,
        ...(expires !== undefined && { expires }),
        stringToSign,
        signature: signature!,
      }
    })
  return {
    keys: keys.map(({ accessKeyId, secretAccessKey, privateScalar }) => {
      return { accessKeyId, secretAccessKey, hex: privateScalar }
    }),
    requests,
  }
}

// ---- SHA-256 ----

/** All lengths around one and two blocks, around the memory that short messages share, and 1 MiB. */
const LENGTHS = [...Array(200).keys(), 255, 256, 1000, 4023, 4024, 4025, 4095, 4096, 4097, 65_536, 1_048_576]

/** One to four bytes per character, lone surrogates, and the lengths around the shared memory. */
const STRINGS: [text: string, times: number][] = [
  ...[
    '',
    'abc',
    'é',
    'ü€𝒳',
    '\u0000\u007f\u0080\u07ff\u0800\uffff',
    '👩‍💻 𐀀\u{10ffff}',
    'e\u0301 \u00e9',
    '\u2028\ufeff',
  ],
  ...['a\ud800b', '\udc00', '\ud83d', '\udc00\ud800', 'x\ud800\ud800\udc00y'],
]
  .map((text): [string, number] => [text, 1])
  .concat([1341, 1342, 4024, 5000].flatMap((times) => ['a', '€', '𝒳'].map((text): [string, number] => [text, times])))

function hashOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

// ---- aws4 ----

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const DATE = { 'X-Amz-Date': '20150830T123600Z' }

const AWS4: [request: Record<string, unknown>, credentials: Record<string, string>][] = [
  [{ host: 'sqs.us-east-1.amazonaws.com', path: '/?Action=ListQueues', headers: DATE }, KEYS],
  [{ service: 'dynamodb', region: 'eu-west-1', method: 'POST', path: '/', body: '{"é":1}', headers: DATE }, KEYS],
  [{ service: 's3', path: '/b/a b+c/é?x=1&y=%20&x=0&X-Amz-Date=20150830T123600Z', signQuery: true }, KEYS],
  [{ host: 'b.s3.amazonaws.com', path: '/../a//b', headers: { ...DATE, Range: 'bytes=0-1' } }, KEYS],
  [
    { service: 'iam', body: 'Action=ListUsers', headers: DATE },
    { ...KEYS, sessionToken: 'a+/=' },
  ],
]
