import { sign as dropIn } from '../../../src/aws4.ts'
import { presign, sign } from '../../../src/sync.ts'
import { credentials, peer, type Row, type Signed, temporary } from '../rows.ts'

interface Request {
  [option: string]: unknown
  path?: string
  headers?: object
}

/** Signs with aws4 and with the drop-in, which must agree, and returns what is sent. */
function signed(request: Request, given: object | null = credentials): Signed {
  const [theirs, same] = [peer('aws4').sign, dropIn].map((signer) => signer({ ...request }, given) as Request)
  if (JSON.stringify(theirs) !== JSON.stringify(same)) throw new Error(`${JSON.stringify(same)} is different`)
  const headers = theirs!.headers as Record<string, string>
  const url = `https://${headers.Host}${theirs!.path}`
  return theirs!.signQuery ? url : { url, headers }
}

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/'
const PHOTO = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }

export function rows(): Row[] {
  return [
    [
      '`host` or `hostname`, `path`',
      () => signed({ host: 'sqs.eu-west-1.amazonaws.com', path: '/?Action=ListQueues' }),
      () => sign({ url: `${QUEUE}?Action=ListQueues` }, { credentials }),
    ],
    [
      '`service`, `region`',
      () => signed({ hostname: 'search.example.com', path: '/', service: 'es', region: 'eu-west-1' }),
      () => sign({ url: 'https://search.example.com/' }, { credentials, service: 'es', region: 'eu-west-1' }),
    ],
    [
      '`port`',
      () => signed({ hostname: 'localhost', port: 9000, path: '/a', service: 's3', region: 'us-east-1' }),
      () => sign({ url: 'https://localhost:9000/a' }, { credentials, service: 's3', region: 'us-east-1' }),
    ],
    [
      '`method`, `headers`',
      () =>
        signed({
          host: 'photos.s3.eu-west-1.amazonaws.com',
          path: '/a',
          method: 'PUT',
          headers: { 'X-Amz-Acl': 'private' },
        }),
      () =>
        sign(
          { url: PHOTO.replace('cat.jpg', 'a'), method: 'PUT', headers: { 'x-amz-acl': 'private' } },
          { credentials },
        ),
    ],
    [
      '`body`',
      () => signed({ host: 'sqs.eu-west-1.amazonaws.com', path: '/', body: 'Action=ListQueues' }),
      () =>
        sign({ url: QUEUE, headers: { ...FORM, 'content-length': '17' }, body: 'Action=ListQueues' }, { credentials }),
    ],
    [
      '`signQuery: true`',
      () => signed({ host: 'photos.s3.eu-west-1.amazonaws.com', path: '/cat.jpg', signQuery: true }),
      () => presign('GET', PHOTO, { credentials, expires: '1d' }).url,
    ],
    [
      '`X-Amz-Expires` in `path`',
      () => signed({ host: 'photos.s3.eu-west-1.amazonaws.com', path: '/cat.jpg?X-Amz-Expires=60', signQuery: true }),
      () => presign('GET', PHOTO, { credentials, expires: 60 }).url,
    ],
    [
      "`headers.Date` or `headers['X-Amz-Date']`",
      () => signed({ host: 'sqs.eu-west-1.amazonaws.com', path: '/', headers: { 'X-Amz-Date': '20260101T000000Z' } }),
      () => sign({ url: QUEUE }, { credentials, now: Date.UTC(2026, 0, 1) }),
    ],
    [
      "`headers['X-Amz-Content-Sha256']`",
      () =>
        signed({
          ...{ host: 'photos.s3.eu-west-1.amazonaws.com', path: '/cat.jpg', method: 'PUT' },
          headers: { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
        }),
      () => sign({ url: PHOTO, method: 'PUT' }, { credentials, payloadHash: 'UNSIGNED-PAYLOAD' }),
    ],
    [
      '`extraHeadersToInclude: { range: true }`',
      () =>
        signed({
          ...{ host: 'photos.s3.eu-west-1.amazonaws.com', path: '/cat.jpg' },
          ...{ headers: { Range: 'bytes=0-9' }, extraHeadersToInclude: { range: true } },
        }),
      () => sign({ url: PHOTO, headers: { range: 'bytes=0-9' } }, { credentials, signedHeaders: ['range'] }),
    ],
    [
      '`extraHeadersToIgnore: { accept: true }`',
      () =>
        signed({
          ...{ host: 'photos.s3.eu-west-1.amazonaws.com', path: '/cat.jpg' },
          ...{ headers: { Accept: '*/*' }, extraHeadersToIgnore: { accept: true } },
        }),
      () => sign({ url: PHOTO, headers: { accept: '*/*' } }, { credentials, unsignedHeaders: ['accept'] }),
    ],
    [
      '`doNotEncodePath: true`',
      () => signed({ host: 'abc.execute-api.eu-west-1.amazonaws.com', path: '/a%20b', doNotEncodePath: true }),
      () =>
        sign({ url: 'https://abc.execute-api.eu-west-1.amazonaws.com/a%20b' }, { credentials, pathEncoding: 'single' }),
    ],
    [
      'credentials with `sessionToken`',
      () => signed({ host: 'sqs.eu-west-1.amazonaws.com', path: '/' }, temporary),
      () => sign({ url: QUEUE }, { credentials: temporary }),
    ],
    [
      'no credentials',
      () => {
        Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'secret' })
        try {
          return signed({ host: 'sqs.eu-west-1.amazonaws.com', path: '/' }, null)
        } finally {
          delete process.env.AWS_ACCESS_KEY_ID
          delete process.env.AWS_SECRET_ACCESS_KEY
        }
      },
      () => sign({ url: QUEUE }, { credentials: { accessKeyId: 'AKIDENV', secretAccessKey: 'secret' } }),
    ],
  ]
}
