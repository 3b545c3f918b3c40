import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { explain } from '../../packages/sigv4-tools/src/explain.ts'
import { createSignedFetch } from '../../src/fetch.ts'
import * as asynchronous from '../../src/index.ts'
import { presignGet } from '../../src/sigv4a.ts'
import { decodeEvent, signChunks, signEvents } from '../../src/streams.ts'
import * as synchronous from '../../src/sync.ts'
import { rdsToken } from '../../src/tokens.ts'
import { verify } from '../../src/verify.ts'
import { KEY_ID, SECRET } from '../../test/support/credentials.ts'
import { ROOT } from '../../test/support/packed.ts'

// The packages that the README compares, each wrapped in the same few calls.

/** The folder whose lock file fixes the versions. */
export const FOLDER = join(ROOT, 'integration/benchmarks')

export const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const REGION = 'eu-west-1'
const HOST = `photos.s3.${REGION}.amazonaws.com`

/** What differs from a valid request for `cat.jpg` in a known region. */
export interface Changes {
  readonly key?: string
  readonly expires?: number
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Whether to leave the region to the library, for this host. */
  readonly host?: string
}

export interface Package {
  readonly name: string
  /** Presigns a PUT. Returns a string, or a promise of one. */
  presign(changes?: Changes): string | Promise<string>
  /** A program that presigns one PUT, to measure its size; this package's are in tools/programs.ts. */
  readonly program?: string
  /** A program that sends a signed request, if the package can. */
  readonly sender?: string
  /** A program that presigns a form, if the package can. */
  readonly form?: string
  /** What a package has functions for, apart from presigning a URL. Each row of the comparison checks the result. */
  readonly abilities?: Abilities
}

/** Calls of the functions of a package, which most packages do not have. */
export interface Abilities {
  /** Presigns a form that uploads at most 1,000 bytes to the bucket `photos`. */
  form?(): Promise<{ fields: Readonly<Record<string, string>> }>
  /** Presigns the parts of an object, and returns the number of bytes of each. */
  parts?(size: number): Promise<readonly number[]>
  /** Verifies a GET request; throws if its signature is wrong. */
  verify?(request: { url: string; headers: Readonly<Record<string, string>> }): Promise<unknown>
  /** Returns what is wrong with a rejected request. */
  explain?(request: { method: string; url: string; headers: Readonly<Record<string, string>> }): unknown
  /** Returns the signature of an event. */
  event?(payload: Uint8Array): Promise<unknown>
  /** Signs an upload in chunks, and returns the encoded body. */
  chunks?(body: Uint8Array): Promise<{ url: string; headers: Readonly<Record<string, string>>; body: Uint8Array }>
  /** Presigns a GET that is valid in all regions. */
  regions?(): Promise<string>
  /** Returns the password of a user of Amazon RDS. */
  token?(signingDate: Date): Promise<string>
  /** Sends a signed GET request, and returns the status of the last response. */
  send?(url: string): Promise<number>
}

const require = createRequire(join(FOLDER, 'package.json'))

/** Imports a module of the folder. The packages have no common type. */
// biome-ignore lint/suspicious/noExplicitAny: each package has its own types, which are not installed at the root
export async function load(specifier: string): Promise<any> {
  return import(pathToFileURL(require.resolve(specifier)).href)
}

const KEY = 'cat.jpg'
const EXPIRES = 900
const SCOPE = `service: 's3', region: '${REGION}'`
const IDENTITY = `accessKeyId: '${CREDENTIALS.accessKeyId}', secretAccessKey: '${CREDENTIALS.secretAccessKey}'`

const RDS = { host: 'mydb.123456789012.us-east-1.rds.amazonaws.com', port: 3306, user: 'jane_doe' }

function ours(changes: Changes = {}): [string, { bucket: string; key: string; region: string }] {
  const { key = KEY, host } = changes
  return [`https://${host ?? HOST}/${key}`, { bucket: 'photos', key, region: REGION }]
}

const options = ({ credentials = CREDENTIALS, expires = EXPIRES }: Changes = {}) => ({ credentials, expires })

export const PACKAGES: readonly Package[] = [
  {
    name: 'sigv4',
    async presign(changes) {
      const [url, object] = ours(changes)
      return (await asynchronous.presignPut(changes?.host ? url : object, options(changes))).url
    },
    abilities: {
      form: () =>
        asynchronous.presignPost(
          { bucket: 'photos', keyPrefix: '', region: REGION },
          { credentials: CREDENTIALS, contentLengthRange: [0, 1000] },
        ),
      async parts(size) {
        const upload = { credentials: CREDENTIALS, size, uploadId: 'a' }
        const { parts } = await asynchronous.presignMultipartParts(ours()[1], upload)
        return parts.map(({ start, end }) => end - start)
      },
      verify: (request) => verify({ method: 'GET', ...request }, { credentials: () => CREDENTIALS.secretAccessKey }),
      async event(payload) {
        const host = 'transcribestreaming.eu-west-1.amazonaws.com:8443'
        const { url } = await asynchronous.presign('GET', `wss://${host}/stream-transcription-websocket`, options())
        const { headers } = decodeEvent(
          await signEvents(url, { credentials: CREDENTIALS }).next({ headers: {}, body: payload }),
        )
        const signature = headers[':chunk-signature']
        return signature?.type === 'binary' ? Buffer.from(signature.value).toString('hex') : undefined
      },
      async chunks(body) {
        const upload = await signChunks({ url: ours()[0] }, { credentials: CREDENTIALS, decodedLength: body.length })
        const pieces: Uint8Array[] = []
        for await (const piece of upload.encode([body])) pieces.push(piece)
        return { ...upload, body: Buffer.concat(pieces) }
      },
      regions: async () => (await presignGet(ours()[0], { credentials: CREDENTIALS, regionSet: '*' })).url,
      token: async (now) => (await rdsToken(RDS, { credentials: CREDENTIALS, now })).token,
      explain: (request) => explain({ request, credentials: CREDENTIALS }).findings[0]?.cause,
      async send(url) {
        const signedFetch = createSignedFetch({ credentials: CREDENTIALS, service: 's3', region: REGION })
        return (await signedFetch(url)).status
      },
    },
  },
  {
    name: 'aws4',
    presign({ key = KEY, expires = EXPIRES, credentials = CREDENTIALS, host } = {}) {
      const path = `/${key}?X-Amz-Expires=${expires}`
      const scope = host ? {} : { service: 's3', region: REGION }
      const request = { host: host ?? HOST, path, method: 'PUT', signQuery: true, ...scope }
      return `https://${request.host}${require('aws4').sign(request, credentials).path}`
    },
    program: `import aws4 from 'aws4'
console.log(aws4.sign({ host: '${HOST}', path: '/${KEY}?X-Amz-Expires=900', method: 'PUT', signQuery: true, ${SCOPE} }, { ${IDENTITY} }).path)`,
  },
  {
    name: 'aws4fetch',
    async presign({ key = KEY, expires = EXPIRES, credentials = CREDENTIALS, host } = {}) {
      const { AwsV4Signer } = await load('aws4fetch')
      const url = `https://${host ?? HOST}/${key}?X-Amz-Expires=${expires}`
      const scope = host ? {} : { service: 's3', region: REGION }
      const { url: signed } = await new AwsV4Signer({
        url,
        method: 'PUT',
        signQuery: true,
        ...scope,
        ...credentials,
      }).sign()
      return String(signed)
    },
    program: `import { AwsV4Signer } from 'aws4fetch'
const signer = new AwsV4Signer({ url: 'https://${HOST}/${KEY}?X-Amz-Expires=900', method: 'PUT', signQuery: true, ${SCOPE}, ${IDENTITY} })
console.log(String((await signer.sign()).url))`,
    sender: `import { AwsClient } from 'aws4fetch'
console.log(await new AwsClient({ ${IDENTITY} }).fetch('https://sqs.${REGION}.amazonaws.com/?Action=ListQueues'))`,
    abilities: {
      async send(url) {
        const { AwsClient } = await load('aws4fetch')
        const client = new AwsClient({ ...CREDENTIALS, service: 's3', region: REGION, initRetryMs: 1 })
        return (await client.fetch(url)).status
      },
    },
  },
  {
    name: '@smithy/signature-v4',
    async presign({ key = KEY, expires = EXPIRES, credentials = CREDENTIALS, host } = {}) {
      const { SignatureV4 } = await load('@smithy/signature-v4')
      const { Sha256 } = await load('@aws-crypto/sha256-js')
      const scope = host ? {} : { region: REGION }
      const signer = new SignatureV4({ service: 's3', sha256: Sha256, uriEscapePath: false, credentials, ...scope })
      const hostname = host ?? HOST
      const request = {
        method: 'PUT',
        protocol: 'https:',
        hostname,
        path: `/${key}`,
        headers: { host: hostname },
        query: {},
      }
      const signed = await signer.presign(request, { expiresIn: expires })
      return `https://${hostname}${signed.path}?${new URLSearchParams(signed.query)}`
    },
    program: `import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '@aws-crypto/sha256-js'
const signer = new SignatureV4({ ${SCOPE}, sha256: Sha256, uriEscapePath: false, credentials: { ${IDENTITY} } })
console.log(await signer.presign({ method: 'PUT', protocol: 'https:', hostname: '${HOST}', path: '/${KEY}', headers: { host: '${HOST}' }, query: {} }, { expiresIn: 900 }))`,
    abilities: {
      async event(payload) {
        const { SignatureV4 } = await load('@smithy/signature-v4')
        const { Sha256 } = await load('@aws-crypto/sha256-js')
        const identity = { credentials: CREDENTIALS, region: REGION, service: 'transcribe' }
        const signer = new SignatureV4({ ...identity, sha256: Sha256 })
        const options = { signingDate: new Date(), priorSignature: '0'.repeat(64) }
        return signer.sign({ headers: new Uint8Array(), payload }, options)
      },
    },
  },
  {
    name: 'AWS SDK',
    async presign({ key = KEY, expires = EXPIRES, credentials = CREDENTIALS, host } = {}) {
      const { S3Client, PutObjectCommand } = await load('@aws-sdk/client-s3')
      const { getSignedUrl } = await load('@aws-sdk/s3-request-presigner')
      const where = host ? { endpoint: `https://${host}` } : { region: REGION }
      const client = new S3Client({ credentials, ...where })
      return getSignedUrl(client, new PutObjectCommand({ Bucket: 'photos', Key: key }), { expiresIn: expires })
    },
    program: `import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
const client = new S3Client({ region: '${REGION}', credentials: { ${IDENTITY} } })
console.log(await getSignedUrl(client, new PutObjectCommand({ Bucket: 'photos', Key: '${KEY}' }), { expiresIn: 900 }))`,
    sender: `import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
const client = new S3Client({ region: '${REGION}', credentials: { ${IDENTITY} } })
console.log(await client.send(new GetObjectCommand({ Bucket: 'photos', Key: '${KEY}' })))`,
    form: `import { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
const client = new S3Client({ region: '${REGION}', credentials: { ${IDENTITY} } })
console.log(await createPresignedPost(client, { Bucket: 'photos', Key: '${KEY}', Conditions: [['content-length-range', 0, 1000]] }))`,
    abilities: {
      async send(endpoint) {
        const { GetObjectCommand, S3Client } = await load('@aws-sdk/client-s3')
        const client = new S3Client({ credentials: CREDENTIALS, region: REGION, endpoint, forcePathStyle: true })
        const { $metadata } = await client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'cat.jpg' }))
        return $metadata.httpStatusCode
      },
      async form() {
        const { S3Client } = await load('@aws-sdk/client-s3')
        const { createPresignedPost } = await load('@aws-sdk/s3-presigned-post')
        const client = new S3Client({ credentials: CREDENTIALS, region: REGION })
        const Conditions = [['content-length-range', 0, 1000]]
        return createPresignedPost(client, { Bucket: 'photos', Key: 'cat.jpg', Conditions })
      },
    },
  },
]

/** Presigns synchronously where a package can: this package has a second entry for it. */
export function presignNow(each: Package): unknown {
  if (each.name === 'sigv4') return synchronous.presignPut(ours()[1], options()).url
  return each.presign()
}
