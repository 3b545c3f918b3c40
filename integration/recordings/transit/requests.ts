import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { ClientName, Wanted } from './clients.ts'

// The requests that the rows send. Each one is also sent without the proxy, and not recorded if that is rejected.

const md5 = (text: string): string => createHash('md5').update(text).digest('base64')

function crc32Base64(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64')
}

const TEXT = 'content in transit\n'
const UNWANTED = '<Delete><Object><Key>unwanted.txt</Key></Object><Quiet>true</Quiet></Delete>'
const TYPE = ['Content-Type', 'text/plain'] as const
/** One chunk, and a trailer with the checksum of the text. */
const CHUNKED = `${TEXT.length.toString(16)}\r\n${TEXT}\r\n0\r\nx-amz-checksum-crc32:${crc32Base64(TEXT)}\r\n\r\n`
const DISPOSITION = 'response-content-disposition=attachment%3B%20filename%3D%22notes.txt%22'

const get = (client: ClientName, more: Partial<Wanted> = {}): Wanted => ({
  client,
  method: 'GET',
  key: 'notes.txt',
  ...more,
})
const put = (client: ClientName, more: Partial<Wanted> = {}): Wanted => ({
  client,
  method: 'PUT',
  key: 'upload.txt',
  body: TEXT,
  ...more,
})
const presigned = (more: Partial<Wanted> = {}): Wanted => get('curl', { expires: 3600, ...more })

export const REQUESTS = {
  'get-go': get('aws-sdk-go-v2', { query: 'x-id=GetObject' }),
  'get-go-range': get('aws-sdk-go-v2', { query: 'x-id=GetObject', headers: [['Range', 'bytes=0-5']] }),
  'get-go-if-none-match': get('aws-sdk-go-v2', {
    query: 'x-id=GetObject',
    headers: [['If-None-Match', '"0f343b0931126a20f133d67c2b018a3b"']],
  }),
  'get-go-spaces': get('aws-sdk-go-v2', { key: 'a%20b%2Bc.txt', query: 'x-id=GetObject' }),
  'list-go': get('aws-sdk-go-v2', { key: undefined, query: 'list-type=2&prefix=year%3D2020%2F' }),
  'put-go': put('aws-sdk-go-v2', { query: 'x-id=PutObject', headers: [TYPE] }),
  'put-go-trailer': put('aws-sdk-go-v2', {
    query: 'x-id=PutObject',
    body: CHUNKED,
    payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    headers: [
      ['Content-Encoding', 'aws-chunked'],
      TYPE,
      ['X-Amz-Decoded-Content-Length', `${TEXT.length}`],
      ['X-Amz-Trailer', 'x-amz-checksum-crc32'],
    ],
  }),

  'get-cli': get('aws-cli'),
  'get-cli-unicode': get('aws-cli', { key: 'fotos/%C3%BCber%20%C3%A9t%C3%A9.txt' }),
  'get-cli-slashes': get('aws-cli', { key: 'media//x.txt' }),
  'get-cli-report': get('aws-cli', { key: 'Reports/2026.txt' }),
  'get-cli-range': get('aws-cli', { headers: [['Range', 'bytes=0-5']] }),
  'get-cli-host-style': get('aws-cli', { style: 'host' }),
  'head-cli': get('aws-cli', { method: 'HEAD' }),
  'list-cli': get('aws-cli', { key: undefined, query: 'list-type=2&prefix=fotos%2F&delimiter=%2F&encoding-type=url' }),
  'put-cli': put('aws-cli', { headers: [TYPE, ['Content-MD5', md5(TEXT)], ['Expect', '100-continue']] }),
  'put-cli-meta': put('aws-cli', { headers: [TYPE, ['x-amz-meta-owner', 'team storage']] }),
  'put-cli-meta-underscore': put('aws-cli', { headers: [TYPE, ['x-amz-meta-file_name', 'notes']] }),
  'delete-cli': put('aws-cli', {
    ...{ method: 'POST', key: undefined, query: 'delete', body: UNWANTED },
    headers: [
      ['Content-Type', 'application/xml'],
      ['Content-MD5', md5(UNWANTED)],
    ],
  }),

  'get-js': get('aws-sdk-js-v3', { query: 'x-id=GetObject' }),
  'head-js': get('aws-sdk-js-v3', { method: 'HEAD' }),
  'put-js': put('aws-sdk-js-v3', { query: 'x-id=PutObject', headers: [['content-type', 'application/json']] }),
  'put-js-meta-twice': put('aws-sdk-js-v3', {
    headers: [
      ['x-amz-meta-tag', 'red'],
      ['x-amz-meta-tag', 'blue'],
    ],
  }),
  'copy-js': put('aws-sdk-js-v3', {
    ...{ key: 'copy.txt', body: '', query: 'x-id=CopyObject' },
    headers: [['x-amz-copy-source', 'transit/notes.txt']],
  }),
  'post-js': put('aws-sdk-js-v3', {
    ...{ method: 'POST', key: undefined, query: 'delete=', body: UNWANTED },
    headers: [
      ['content-type', 'application/xml'],
      ['content-md5', md5(UNWANTED)],
    ],
  }),

  'get-java': get('aws-sdk-java-v1', { headers: [['Content-Type', 'application/octet-stream']] }),
  'put-java': put('aws-sdk-java-v1', { headers: [['Content-Type', 'text/plain; charset=utf-8']] }),
  'get-minio-java': get('minio-java-8'),
  'put-minio-java': put('minio-java-8', { headers: [TYPE, ['Content-MD5', md5(TEXT)]] }),
  'get-minio-go': get('minio-go-7'),
  'head-minio-go': get('minio-go-7', { method: 'HEAD' }),
  'put-minio-go-xdg': put('minio-go-7', {
    headers: [
      TYPE,
      ['X-Amz-Meta-User.xdg.origin.url', 'https://downloads.example.com/image.iso'],
      ['X-Amz-Meta-User.xdg.referrer.url', 'https://downloads.example.com/'],
    ],
  }),
  'multipart-minio-go': put('minio-go-7', { method: 'POST', query: 'uploads=', body: '' }),
  'get-minio-go-expect': get('minio-go-2', { headers: [['Expect', '100-continue']] }),
  'put-ruby-expect': put('aws-sdk-ruby-3.94', {
    headers: [
      ['Expect', '100-continue'],
      ['Content-MD5', md5(TEXT)],
    ],
  }),
  'get-aws4-te': get('aws4', { headers: [['TE', 'trailers']] }),
  'get-cpp': get('aws-sdk-cpp-1.0'),
  'put-cpp': put('aws-sdk-cpp-1.0', { headers: [TYPE] }),
  'get-cyberduck-cookie': get('cyberduck', { headers: [['Cookie', 'SERVERID=s3-node-2']] }),
  'list-pgbackrest': get('pgbackrest-2.32', { key: undefined, query: 'delimiter=%2F&list-type=2&prefix=fotos%2F' }),
  'get-apache-connection': get('apache-http-interceptor', { headers: [['Connection', 'Keep-Alive']] }),
  'get-mcp': get('mcp-proxy-for-aws', { headers: [['Accept', 'application/json, text/event-stream']] }),
  'get-s3cmd': get('s3cmd'),
  'list-s3cmd-slash': get('s3cmd', { key: '', query: 'delimiter=%2F' }),
  'get-gateway': get('a gateway'),
  'get-gateway-via': get('a gateway', { headers: [['Via', '1.1 gateway']] }),

  'presigned-get': presigned(),
  'presigned-get-name': presigned({ query: DISPOSITION }),
  'presigned-get-equals': presigned({ key: 'year%3D2020/part.txt' }),
  'presigned-get-colon': presigned({ key: 'photo%3A1%402x.jpg' }),
  'presigned-get-host-style': presigned({ style: 'host' }),
  'presigned-head': presigned({ method: 'HEAD' }),
  'presigned-put': presigned({ method: 'PUT', key: 'upload.txt', body: TEXT }),
  'presigned-put-type': presigned({
    ...{ method: 'PUT', key: 'upload.json', body: '{"size": 1,  "tags": []}' },
    headers: [['Content-Type', 'application/json']],
  }),
  'presigned-put-meta': presigned({
    ...{ method: 'PUT', key: 'upload.txt', body: TEXT },
    headers: [['x-amz-meta-owner', 'team storage']],
  }),
} as const satisfies Record<string, Wanted>

export type RequestName = keyof typeof REQUESTS

/** The objects that the requests read, without encoding. */
export const STORED = [
  ...['notes.txt', 'a b+c.txt', 'fotos/über été.txt', 'media//x.txt', 'Reports/2026.txt'],
  ...['year=2020/part.txt', 'photo:1@2x.jpg'],
]
