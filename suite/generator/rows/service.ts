import { both, type Edit, REQUESTS, Rows } from '../model/builder.ts'
import { addHeader, type Draft, headerDraft, queryDraft, removePair, setPair, signNames } from '../model/draft.ts'
import { SERVICE } from '../model/setting.ts'
import { by, DNM, INCOMPLETE_SIGNATURE, SCOPE_OTHER, SERVICE_PAGE, UNSIGNED_OTHER } from '../model/sources.ts'
import * as common from './common.ts'

const send =
  (edit: (draft: Draft) => void): Edit<Draft> =>
  (sent) =>
    edit(sent)

/** A request to a service other than S3: the path is normalized and encoded twice, and the body is always hashed. */
function ofService(draft: Draft): Draft {
  draft.isService = true
  draft.payload = '{{sha256 body}}'
  if (!draft.before.length) draft.before.push({ name: 'body', text: '' })
  if (draft.place === 'header') {
    removePair(draft.headers, 'X-Amz-Content-Sha256')
    signNames(
      draft,
      draft.names.filter((name) => name !== 'x-amz-content-sha256'),
    )
  }
  return draft
}

export function service(): Rows {
  const rows = new Rows('service', 'service', SERVICE, [], REQUESTS)
  rows.base('BadSignature', 'service/get', 'A request without a body', ofService(headerDraft('GET', '{{path}}/items')))
  rows.base(
    'BadSignature',
    'service/post',
    'A request with a body',
    ofService(headerDraft('POST', '{{path}}/items', '{"name":"written"}')),
  )
  rows.base(
    'BadSignature',
    'service/presigned-get',
    'A presigned request without a body',
    ofService(queryDraft('GET', '{{path}}/items')),
  )
  rows.base(
    'BadSignature',
    'service/presigned-post',
    'A presigned request with a body',
    ofService(queryDraft('POST', '{{path}}/items', '{"name":"written"}')),
  )
  for (const [at, place, read, write] of [
    ['service', 'header', 'service/get', 'service/post'],
    ['service/presigned', 'query', 'service/presigned-get', 'service/presigned-post'],
  ] as const) {
    const claims = { rows, at, place, read, write, malformed: INCOMPLETE_SIGNATURE, isS3: false }
    common.signatureRows(claims)
    common.formRows(claims)
    common.algorithmRows(claims)
    common.malformedRows(claims)
    common.scopeRows({ ...claims, malformed: SCOPE_OTHER })
    common.listRows(claims)
    common.changedHeaderRows(claims)
    common.plainHeaderRows(claims)
    rows.no(
      'UnsignedAmzHeader',
      `${at}/unsigned-target`,
      write,
      'header',
      'X-Amz-Target is added and not signed',
      UNSIGNED_OTHER,
      send((draft) => draft.headers.push(['X-Amz-Target', 'Items.Delete'])),
    )
    rows.no(
      'PayloadHash',
      `${at}/body-changed`,
      write,
      'body',
      'The body is changed',
      DNM,
      send((draft) => {
        draft.body = '{"name":"changed"}'
      }),
      { signature: 'mismatch' },
    )
    rows.no(
      'PayloadHash',
      `${at}/body-missing`,
      write,
      'body',
      'The body is missing',
      DNM,
      send((draft) => {
        draft.body = ''
        setPair(draft.headers, 'Content-Length', '0')
      }),
      { signature: 'mismatch' },
    )
    rows.no(
      'MethodChanged',
      `${at}/method`,
      read,
      'method',
      'A read is sent as a deletion',
      DNM,
      send((draft) => {
        draft.method = 'DELETE'
      }),
    )
    rows.no(
      'TargetChanged',
      `${at}/path`,
      read,
      'path',
      'The path is a different one',
      DNM,
      send((draft) => {
        draft.path = '{{path}}/secrets'
      }),
    )
    rows.no(
      'TargetChanged',
      `${at}/query`,
      read,
      'query',
      'A parameter is added',
      DNM,
      send((draft) => draft.query.unshift(['Action', 'DeleteItem'])),
    )
  }
  rows.maybe(
    'UnsignedAmzHeader',
    'service/hash-header',
    'service/post',
    'header',
    'X-Amz-Content-Sha256 is signed although the service does not need it',
    both((draft) => addHeader(draft, 'X-Amz-Content-Sha256', '{{sha256 body}}')),
  )
  paths(rows)
  clock(rows)
  return rows
}

function paths(rows: Rows): void {
  const ok = (id: string, comment: string, path: string) =>
    rows.ok(
      'PathEncoding',
      `service/path-${id}`,
      'service/get',
      'path',
      comment,
      both((draft) => {
        draft.path = `{{path}}/${path}`
      }),
    )
  ok('space', 'A path with a space, which is encoded twice', 'a%20b')
  ok('utf8', 'A path with UTF-8, which is encoded twice', 'r%C3%A9sum%C3%A9')
  ok(
    'colon',
    'A path with a name of a resource, which is encoded twice',
    'arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Fa',
  )
  rows.no(
    'PathEncoding',
    'service/path-once',
    'service/path-space',
    'path',
    'The path is signed encoded once, as for S3',
    DNM,
    (_, signed) => {
      signed.canonicalPath = '{{path}}/a%20b'
    },
  )
  rows.no(
    'PathEncoding',
    'service/path-thrice',
    'service/path-space',
    'path',
    'The path is signed encoded three times',
    DNM,
    (_, signed) => {
      signed.canonicalPath = '{{path}}/a%252520b'
    },
  )
  rows.maybe(
    'PathEncoding',
    'service/path-dots',
    'service/get',
    'path',
    'A path with two dots is signed normalized, and sent as it is',
    both((draft) => {
      draft.path = '{{path}}/folder/../items'
      draft.canonicalPath = '{{path}}/items'
    }),
    { signature: 'match' },
  )
  rows.maybe(
    'PathEncoding',
    'service/path-empty',
    'service/get',
    'path',
    'A path with an empty segment is signed normalized, and sent as it is',
    both((draft) => {
      draft.path = '{{path}}//items'
      draft.canonicalPath = '{{path}}/items'
    }),
    { signature: 'match' },
  )
}

function clock(rows: Rows): void {
  const at = (flag: string, id: string, of: string, comment: string, offset: number) =>
    rows.no(
      flag,
      `service/${id}`,
      of,
      'clock',
      comment,
      SCOPE_OTHER,
      both((draft) => {
        draft.offset = offset
      }),
    )
  at('ClockSkew', 'late', 'service/get', 'Signed 20 minutes ago', -1200)
  at('ClockSkew', 'early', 'service/post', 'Signed 20 minutes ahead', 1200)
  at('ClockSkew', 'presigned/ahead', 'service/presigned-get', 'A presigned request that was signed an hour ahead', 3600)
  at('Expiry', 'presigned/expired', 'service/presigned-get', 'A presigned request that has expired an hour ago', -4500)
  rows.no(
    'DateForm',
    'service/no-date',
    'service/get',
    'header',
    'The request has no date',
    INCOMPLETE_SIGNATURE,
    both((draft) => {
      removePair(draft.headers, 'X-Amz-Date')
      signNames(draft, ['host'])
    }),
    { signature: 'none' },
  )
  rows.no(
    'HostNotSigned',
    'service/host-unsigned',
    'service/get',
    'names',
    'The host is not among the signed headers',
    by(SERVICE_PAGE, DNM),
    both((draft) =>
      signNames(
        draft,
        draft.names.filter((name) => name !== 'host'),
      ),
    ),
  )
  rows.no(
    'AnonymousFallback',
    'service/no-claim',
    'service/get',
    'claim',
    'The request has no claim',
    UNSIGNED_CLAIM,
    (sent) => {
      sent.place = 'none'
    },
    { signature: 'none' },
  )
}

const UNSIGNED_CLAIM = { status: 403, code: 'MissingAuthenticationToken', source: SERVICE_PAGE }
