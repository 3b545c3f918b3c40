import { presign, sign } from '../../../src/index.ts'
import { credentials, peer, type Row, type Signed, temporary } from '../rows.ts'

interface Call {
  /** Options of the constructor. */
  readonly signer?: object
  /** The request, in addition to host and path. */
  readonly request?: { readonly hostname?: string; readonly headers?: object; readonly [member: string]: unknown }
  /** Options of the method. */
  readonly options?: object
}

/** Calls a method of SignatureV4, and returns what is sent. */
async function call(method: 'sign' | 'presign', { signer, request, options }: Call): Promise<Signed> {
  const { SignatureV4 } = peer('@smithy/signature-v4')
  const { HttpRequest } = peer('@smithy/protocol-http')
  const { Sha256 } = peer('@aws-crypto/sha256-js')
  const given = new SignatureV4({ credentials, region: 'eu-west-1', service: 'sqs', sha256: Sha256, ...signer })
  const hostname = request?.hostname ?? 'sqs.eu-west-1.amazonaws.com'
  const port = request?.port === undefined ? '' : `:${request.port}`
  const headers = { host: hostname + port, ...request?.headers }
  const signed = await given[method](new HttpRequest({ hostname, path: '/', ...request, headers }), options)
  const query = new URLSearchParams(signed.query).toString()
  const url = `https://${hostname}${port}${signed.path}${query && `?${query.replaceAll('+', '%20')}`}`
  return method === 'presign' ? url : { url, headers: signed.headers }
}

const signed = (given: Call = {}): Promise<Signed> => call('sign', given)
const presigned = (given: Call = {}): Promise<Signed> => call('presign', given)

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/'
const LIST = { query: { Action: 'ListQueues' } }
const S3 = { credentials, region: 'eu-west-1', service: 's3', uriEscapePath: false }
const PHOTO = 'https://photos.s3.eu-west-1.amazonaws.com/cat%20(1).jpg'
const OBJECT = { hostname: 'photos.s3.eu-west-1.amazonaws.com', path: '/cat%20%281%29.jpg' }
/** sigv4 sends the hash of the body as a header only where a service requires it. */
const HASH = { payloadHashHeader: true }
const UNSIGNED = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }

export function rows(): Row[] {
  return [
    [
      '`credentials`',
      () => signed({ signer: { credentials: async () => temporary } }),
      () => sign({ url: QUEUE }, { ...HASH, credentials: async () => temporary }),
    ],
    [
      '`region`, `service`',
      () => signed({ signer: { service: 'es' }, request: { hostname: 'search.example.com' } }),
      () => sign({ url: 'https://search.example.com/' }, { ...HASH, credentials, service: 'es', region: 'eu-west-1' }),
    ],
    [
      '`uriEscapePath: false`',
      () => signed({ signer: S3, request: OBJECT }),
      () => sign({ url: PHOTO.replace('(1)', '%281%29') }, { credentials }),
    ],
    [
      '`applyChecksum: false`',
      () => signed({ signer: { applyChecksum: false }, request: LIST }),
      () => sign({ url: `${QUEUE}?Action=ListQueues` }, { credentials }),
    ],
    [
      '`sha256`',
      () => signed({ request: LIST }),
      () => sign({ url: `${QUEUE}?Action=ListQueues` }, { ...HASH, credentials }),
    ],
    [
      '`hostname`, `port`, `path`, `query`',
      () => signed({ signer: S3, request: { hostname: 'localhost', port: 9000, path: '/a', query: { list: '2' } } }),
      () => sign({ url: 'https://localhost:9000/a?list=2' }, { credentials, service: 's3', region: 'eu-west-1' }),
    ],
    [
      '`method`, `headers`, `body`',
      () => signed({ request: { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a' } }),
      () =>
        sign(
          { url: QUEUE, method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a' },
          { ...HASH, credentials },
        ),
    ],
    [
      "`headers['x-amz-content-sha256']`",
      () => signed({ signer: S3, request: { ...OBJECT, method: 'PUT', headers: UNSIGNED } }),
      () =>
        sign({ url: PHOTO.replace('(1)', '%281%29'), method: 'PUT' }, { credentials, payloadHash: 'UNSIGNED-PAYLOAD' }),
    ],
    [
      '`signingDate`',
      () => signed({ options: { signingDate: new Date(Date.UTC(2026, 0, 1)) } }),
      () => sign({ url: QUEUE }, { ...HASH, credentials, now: Date.UTC(2026, 0, 1) }),
    ],
    [
      '`signingRegion`, `signingService`',
      () =>
        signed({
          request: { hostname: 'queue.example.com' },
          options: { signingRegion: 'us-east-1', signingService: 'sqs-fips' },
        }),
      () =>
        sign({ url: 'https://queue.example.com/' }, { ...HASH, credentials, region: 'us-east-1', service: 'sqs-fips' }),
    ],
    [
      "`unsignableHeaders: new Set(['accept'])`",
      () => signed({ request: { headers: { accept: '*/*' } }, options: { unsignableHeaders: new Set(['accept']) } }),
      () => sign({ url: QUEUE, headers: { accept: '*/*' } }, { ...HASH, credentials, unsignedHeaders: ['accept'] }),
    ],
    [
      "`signableHeaders: new Set(['user-agent'])`",
      () =>
        signed({ request: { headers: { 'user-agent': 'a' } }, options: { signableHeaders: new Set(['user-agent']) } }),
      () =>
        sign({ url: QUEUE, headers: { 'user-agent': 'a' } }, { ...HASH, credentials, signedHeaders: ['user-agent'] }),
    ],
    [
      '`presign(request, { expiresIn })`',
      () => presigned({ request: LIST, options: { expiresIn: 60 } }),
      async () => (await presign('GET', `${QUEUE}?Action=ListQueues`, { credentials, expires: 60 })).url,
    ],
    [
      "`presign` for S3, with `headers['x-amz-content-sha256']`",
      () => presigned({ signer: S3, request: { ...OBJECT, headers: UNSIGNED }, options: { expiresIn: 900 } }),
      async () => (await presign('GET', PHOTO.replace('(1)', '%281%29'), { credentials, query: UNSIGNED })).url,
    ],
    [
      '`x-amz-…` headers with `presign`',
      () => presigned({ request: { headers: { 'x-amz-target': 'a' } }, options: { expiresIn: 900 } }),
      async () => (await presign('GET', QUEUE, { credentials, query: { 'x-amz-target': 'a' } })).url,
    ],
    [
      "`unhoistableHeaders: new Set(['x-amz-target'])`",
      () =>
        presigned({
          request: { headers: { 'x-amz-target': 'a' } },
          options: { expiresIn: 900, unhoistableHeaders: new Set(['x-amz-target']) },
        }),
      async () => (await presign('GET', QUEUE, { credentials, headers: { 'x-amz-target': 'a' } })).url,
    ],
    [
      "`hoistableHeaders: new Set(['accept'])`",
      () =>
        presigned({
          request: { headers: { accept: 'a' } },
          options: { expiresIn: 900, hoistableHeaders: new Set(['accept']) },
        }),
      async () => (await presign('GET', QUEUE, { credentials, query: { accept: 'a' } })).url,
    ],
  ]
}
