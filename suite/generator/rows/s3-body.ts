import { both, REQUESTS, Rows } from '../model/builder.ts'
import { addHeader, type Draft, headerDraft, queryDraft, removePair, setPair, signNames } from '../model/draft.ts'
import { CRC32, CRC32C, MD5, OBJECTS, PATH_STYLE, SHA1, SHA256 } from '../model/setting.ts'
import {
  ARGUMENT,
  BAD_DIGEST,
  by,
  CANONICAL_PAGE,
  DNM,
  HASH_MISMATCH,
  INVALID_DIGEST,
  REFUSED,
  REQUEST,
} from '../model/sources.ts'

const WRITE = '{{path}}/{{prefix}}up.txt'
const HASH = 'X-Amz-Content-Sha256'

export function s3Body(): Rows {
  const rows = new Rows('s3-body', 's3', PATH_STYLE, OBJECTS, REQUESTS)
  rows.base('PayloadHash', 'body/put', 'A write whose body is signed', headerDraft('PUT', WRITE, 'written'))
  rows.base('PayloadHash', 'body/put-empty', 'A write with an empty body', headerDraft('PUT', WRITE, ''))
  rows.base('PayloadHash', 'body/get', 'A read without a body', headerDraft('GET', '{{path}}/{{prefix}}read.txt'))
  rows.base(
    'PayloadHash',
    'body/presigned-put',
    'An upload whose body is not signed',
    queryDraft('PUT', WRITE, 'written'),
  )
  hashes(rows)
  checksums(rows)
  return rows
}

function setHash(draft: Draft, value: string): void {
  setPair(draft.headers, HASH, value)
  draft.payload = value
}

function hashes(rows: Rows): void {
  const body = (id: string, of: string, comment: string, value: string, aws = HASH_MISMATCH) =>
    rows.no(
      'PayloadHash',
      `body/${id}`,
      of,
      'body',
      comment,
      aws,
      (sent) => {
        sent.body = value
        setPair(sent.headers, 'Content-Length', String(value.length))
      },
      { signature: 'match' },
    )
  body('changed', 'body/put', 'The body is changed', 'changed')
  body('longer', 'body/put', 'A byte follows the body', 'written!')
  body('shorter', 'body/put', 'The last byte of the body is missing', 'writte')
  body('none', 'body/put', 'The body is missing', '')
  body('added', 'body/put-empty', 'A body is added to an empty one', 'written')
  body('case', 'body/put', 'A letter of the body is in uppercase', 'Written')
  body('line-break', 'body/put', 'A line break follows the body', 'written\n')
  rows.no(
    'PayloadHash',
    'body/hash-of-sent',
    'body/put',
    'header',
    'Body and X-Amz-Content-Sha256 are those of a different body',
    DNM,
    (sent) => {
      sent.after.push({ name: 'other', text: 'changed' })
      sent.body = '{{other}}'
      setPair(sent.headers, HASH, '{{sha256 other}}')
    },
    { signature: 'mismatch' },
  )
  rows.no(
    'PayloadHash',
    'body/unsigned-instead',
    'body/put',
    'header',
    'X-Amz-Content-Sha256 becomes UNSIGNED-PAYLOAD after signing',
    DNM,
    (sent) => setHash(sent, 'UNSIGNED-PAYLOAD'),
    { signature: 'mismatch' },
  )
  rows.no(
    'PayloadHash',
    'body/trailer-instead',
    'body/put',
    'header',
    'X-Amz-Content-Sha256 becomes STREAMING-UNSIGNED-PAYLOAD-TRAILER after signing',
    DNM,
    (sent) => setHash(sent, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'),
    { signature: 'mismatch' },
  )
  rows.no(
    'PayloadHash',
    'body/removed-hash',
    'body/put',
    'header',
    'X-Amz-Content-Sha256 is removed after signing',
    REFUSED,
    (sent) => removePair(sent.headers, HASH),
    { signature: 'none' },
  )
  const without = both<Draft>((draft) => {
    removePair(draft.headers, HASH)
    signNames(
      draft,
      draft.names.filter((name) => name !== 'x-amz-content-sha256'),
    )
  })
  rows.no(
    'PayloadHash',
    'body/no-hash',
    'body/put',
    'header',
    'X-Amz-Content-Sha256 is missing; the hash of the body is signed',
    by(CANONICAL_PAGE, REQUEST),
    without,
    { signature: 'none' },
  )
  rows.no(
    'PayloadHash',
    'body/no-hash-read',
    'body/get',
    'header',
    'X-Amz-Content-Sha256 of a read is missing',
    by(CANONICAL_PAGE, REQUEST),
    without,
    { signature: 'none' },
  )
  for (const [id, comment, value] of [
    ['nonsense', 'X-Amz-Content-Sha256 is nonsense', 'nonsense'],
    ['short', 'X-Amz-Content-Sha256 is too short', '{{cut hash}}'],
    ['empty', 'X-Amz-Content-Sha256 is empty', ''],
    ['lowercase', 'X-Amz-Content-Sha256 is unsigned-payload in lowercase', 'unsigned-payload'],
    ['streaming', 'X-Amz-Content-Sha256 is a streaming payload that does not exist', 'STREAMING-UNSIGNED-PAYLOAD'],
  ] as const)
    rows.no(
      'PayloadHash',
      `body/hash-${id}`,
      'body/put',
      'header',
      comment,
      ARGUMENT,
      both((draft) => {
        if (value === '{{cut hash}}') draft.before.push({ name: 'hash', text: '{{sha256 body}}' })
        setHash(draft, value)
      }),
      { signature: 'match' },
    )
  rows.maybe(
    'PayloadHash',
    'body/hash-uppercase',
    'body/put',
    'header',
    'The hash is in uppercase',
    both((draft) => {
      draft.before.push({ name: 'hash', text: '{{sha256 body}}' })
      setHash(draft, '{{upper hash}}')
    }),
    { signature: 'match' },
  )
  rows.maybe(
    'PayloadHash',
    'body/unsigned',
    'body/put',
    'header',
    'UNSIGNED-PAYLOAD is signed, which S3 accepts over HTTPS only',
    both((draft) => setHash(draft, 'UNSIGNED-PAYLOAD')),
  )
  rows.maybe(
    'PayloadHash',
    'body/unsigned-read',
    'body/get',
    'header',
    'UNSIGNED-PAYLOAD of a read is signed',
    both((draft) => setHash(draft, 'UNSIGNED-PAYLOAD')),
  )
  rows.ok(
    'PayloadHash',
    'body/utf8',
    'body/put',
    'body',
    'A body with bytes that are not ASCII',
    both((draft) => {
      draft.before = [{ name: 'body', text: '\xc3\xa9\x00\xff' }]
    }),
  )
  rows.ok(
    'PayloadHash',
    'body/presigned-unsigned-parameter',
    'body/presigned-put',
    'query',
    'UNSIGNED-PAYLOAD in the query of an upload',
    both((draft) => draft.query.push(['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'])),
  )
}

/** Checksums of `written`, in Base64. */
const SUMS = {
  crc32: 'x-amz-checksum-crc32',
  sha256: 'x-amz-checksum-sha256',
} as const

function checksums(rows: Rows): void {
  const ok = (id: string, name: string, value: string, of = 'body/put') =>
    rows.ok(
      'BodyChecksum',
      `body/${id}`,
      of,
      'header',
      `A correct ${name}`,
      both((draft) => addHeader(draft, name, value)),
      { layer: 'storage' },
    )
  const no = (id: string, of: string, name: string, comment: string, value: string, aws = BAD_DIGEST) =>
    rows.no(
      'BodyChecksum',
      `body/${id}`,
      of,
      'header',
      comment,
      aws,
      both((draft) => setPair(draft.headers, name, value)),
      { layer: 'storage' },
    )
  ok('md5', 'Content-MD5', MD5)
  ok('crc32', SUMS.crc32, CRC32)
  ok('crc32c', 'x-amz-checksum-crc32c', CRC32C)
  ok('sha1', 'x-amz-checksum-sha1', SHA1)
  ok('sha256', SUMS.sha256, SHA256)
  ok('presigned-md5', 'Content-MD5', MD5, 'body/presigned-put')
  ok('presigned-crc32', SUMS.crc32, CRC32, 'body/presigned-put')
  no('md5-wrong', 'body/md5', 'Content-MD5', 'Content-MD5 of a different body', 'AAAAAAAAAAAAAAAAAAAAAA==')
  no('md5-short', 'body/md5', 'Content-MD5', 'Content-MD5 is too short', 'AAAA', INVALID_DIGEST)
  no('md5-hex', 'body/md5', 'Content-MD5', 'Content-MD5 is in hex', 'd41d8cd98f00b204e9800998ecf8427e', INVALID_DIGEST)
  no('crc32-wrong', 'body/crc32', SUMS.crc32, 'The CRC32 of a different body', 'AAAAAA==')
  no('crc32-short', 'body/crc32', SUMS.crc32, 'The CRC32 is too short', 'AAA=', REQUEST)
  no('crc32c-wrong', 'body/crc32c', 'x-amz-checksum-crc32c', 'The CRC32C of a different body', 'AAAAAA==')
  no('sha1-wrong', 'body/sha1', 'x-amz-checksum-sha1', 'The SHA-1 of a different body', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=')
  no('sha256-wrong', 'body/sha256', SUMS.sha256, 'The SHA-256 of a different body', `${'A'.repeat(43)}=`)
  no(
    'presigned-md5-wrong',
    'body/presigned-md5',
    'Content-MD5',
    'Content-MD5 of a different body in an upload',
    'AAAAAAAAAAAAAAAAAAAAAA==',
  )
  no(
    'presigned-crc32-wrong',
    'body/presigned-crc32',
    SUMS.crc32,
    'The CRC32 of a different body in an upload',
    'AAAAAA==',
  )
}
