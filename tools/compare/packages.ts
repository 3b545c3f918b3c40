import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as asynchronous from '../../src/index.ts'
import * as synchronous from '../../src/sync.ts'
import { ROOT } from '../../test/support/packed.ts'

// The packages that the README compares, each wrapped in the same few calls.

/** The folder whose lock file fixes the versions. */
export const FOLDER = join(ROOT, 'tools/bench')

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
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
  /** Module specifiers whose exports are examined. */
  readonly specifiers: readonly string[]
  /** Presigns a PUT. Returns a string, or a promise of one. */
  presign(changes?: Changes): string | Promise<string>
  /** A program that presigns one PUT, to measure its size; this package's are in tools/programs.ts. */
  readonly program?: string
}

const require = createRequire(join(FOLDER, 'package.json'))

/** Imports a module of the folder. The packages have no common type. */
// biome-ignore lint/suspicious/noExplicitAny: each package has its own types, which are not installed at the root
export async function load(specifier: string): Promise<any> {
  if (specifier.startsWith('sigv4')) return import(`../../src/${specifier.split('/')[1] ?? 'index'}.ts`)
  return import(pathToFileURL(require.resolve(specifier)).href)
}

const KEY = 'cat.jpg'
const EXPIRES = 900
const SCOPE = `service: 's3', region: '${REGION}'`
const IDENTITY = `accessKeyId: '${CREDENTIALS.accessKeyId}', secretAccessKey: '${CREDENTIALS.secretAccessKey}'`

function ours(changes: Changes = {}): [string, { bucket: string; key: string; region: string }] {
  const { key = KEY, host } = changes
  return [`https://${host ?? HOST}/${key}`, { bucket: 'photos', key, region: REGION }]
}

const options = ({ credentials = CREDENTIALS, expires = EXPIRES }: Changes = {}) => ({ credentials, expires })

export const PACKAGES: readonly Package[] = [
  {
    name: 'sigv4',
    specifiers: ['sigv4', 'sigv4/sync', 'sigv4/verify', 'sigv4/explain'],
    async presign(changes) {
      const [url, object] = ours(changes)
      return (await asynchronous.presignPut(changes?.host ? url : object, options(changes))).url
    },
  },
  {
    name: 'aws4',
    specifiers: ['aws4'],
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
    specifiers: ['aws4fetch'],
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
  },
  {
    name: '@smithy/signature-v4',
    specifiers: ['@smithy/signature-v4'],
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
  },
  {
    name: 'AWS SDK presigner',
    specifiers: ['@aws-sdk/s3-request-presigner', '@aws-sdk/s3-presigned-post'],
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
  },
]

/** Presigns synchronously where a package can: this package has a second entry for it. */
export function presignNow(each: Package): unknown {
  if (each.name === 'sigv4') return synchronous.presignPut(ours()[1], options()).url
  return each.presign()
}
