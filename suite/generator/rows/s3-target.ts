import type { ServiceResponse } from '../../format/format.ts'
import { both, type Edit, REQUESTS, Rows } from '../model/builder.ts'
import { type Draft, headerDraft, queryDraft } from '../model/draft.ts'
import { OBJECTS, PATH_STYLE, VIRTUAL_HOST } from '../model/setting.ts'
import { DNM, REFUSED } from '../model/sources.ts'

const ROOT = '{{path}}/{{prefix}}'
/** A percent sign starts an escape of two hex digits. */
const ESCAPES = 'docs:https://www.rfc-editor.org/rfc/rfc3986#section-2.1'

const READ = `${ROOT}read.txt`

const send =
  (edit: (draft: Draft) => void): Edit<Draft> =>
  (sent) =>
    edit(sent)

export function s3Target(): Rows[] {
  const rows = new Rows('s3-target', 's3', PATH_STYLE, OBJECTS, REQUESTS)
  rows.base('TargetChanged', 'target/get', 'A read', headerDraft('GET', READ))
  rows.base('TargetChanged', 'target/put', 'A write', headerDraft('PUT', `${ROOT}up.txt`, 'written'))
  rows.base('TargetChanged', 'target/presigned-get', 'A download', queryDraft('GET', READ))
  rows.base('TargetChanged', 'target/presigned-put', 'An upload', queryDraft('PUT', `${ROOT}up.txt`, 'written'))
  methods(rows)
  targets(rows)
  paths(rows)
  queries(rows)
  forms(rows)
  const virtual = new Rows('s3-target-virtual-host', 's3', VIRTUAL_HOST, OBJECTS, REQUESTS)
  virtual.base(
    'TargetChanged',
    'target/virtual-get',
    'A read from a host with the name of the bucket',
    headerDraft('GET', READ),
    { live: false },
  )
  virtual.no(
    'TargetChanged',
    'target/virtual-other-bucket',
    'target/virtual-get',
    'header',
    'The host names a different bucket',
    DNM,
    send((draft) => {
      draft.headers[0]![1] = 'other-{{host}}'
    }),
    { live: false },
  )
  return [rows, virtual]
}

function methods(rows: Rows): void {
  const no = (id: string, of: string, comment: string, method: string) =>
    rows.no(
      'MethodChanged',
      `target/method-${id}`,
      of,
      'method',
      comment,
      DNM,
      send((draft) => {
        draft.method = method
      }),
    )
  no('get-delete', 'target/get', 'A read is sent as a deletion', 'DELETE')
  no('get-put', 'target/get', 'A read is sent as a write', 'PUT')
  no('get-head', 'target/get', 'A read is sent as HEAD', 'HEAD')
  no('put-delete', 'target/put', 'A write is sent as a deletion', 'DELETE')
  no('presigned-get-delete', 'target/presigned-get', 'A download is sent as a deletion', 'DELETE')
  no('presigned-get-put', 'target/presigned-get', 'A download is sent as an upload', 'PUT')
  no('presigned-get-head', 'target/presigned-get', 'A download is sent as HEAD', 'HEAD')
  no('presigned-put-get', 'target/presigned-put', 'An upload is sent as a download', 'GET')
}

function targets(rows: Rows): void {
  for (const [at, get, put] of [
    ['', 'target/get', 'target/put'],
    ['presigned-', 'target/presigned-get', 'target/presigned-put'],
  ] as const) {
    const path = (id: string, of: string, comment: string, value: string, more = {}) =>
      rows.no(
        'TargetChanged',
        `target/${at}${id}`,
        of,
        'path',
        comment,
        DNM,
        send((draft) => {
          draft.path = value
        }),
        more,
      )
    path('other-key', get, 'A different object is read', `${ROOT}secret.txt`)
    path('other-key-write', put, 'A different object is written', `${ROOT}secret.txt`)
    path('folder', put, 'The object is written into a folder', `${ROOT}folder/up.txt`)
    path('key-case', get, 'The key is in uppercase', `${ROOT}READ.TXT`)
    path('key-suffix', get, 'A slash follows the key', `${READ}/`)
    const query = (id: string, of: string, comment: string, pair: [string, string | undefined]) =>
      rows.no(
        'TargetChanged',
        `target/${at}${id}`,
        of,
        'query',
        comment,
        DNM,
        send((draft) => {
          draft.query.unshift(pair)
        }),
      )
    query('added-acl', put, 'A write is sent to the access control list of the object', ['acl', undefined])
    query('added-tagging', put, 'A write is sent to the tags of the object', ['tagging', ''])
    query('added-type', get, 'The content type of the response is overridden', ['response-content-type', 'text%2Fhtml'])
    query('added-unknown', get, 'A parameter without a meaning is added', ['unknown', '1'])
    rows.ok(
      'TargetChanged',
      `target/${at}version`,
      get,
      'query',
      'The parameter response-content-type is signed',
      both((draft) => draft.query.unshift(['response-content-type', 'text%2Fplain'])),
    )
    const signed = `target/${at}version`
    const change = (id: string, comment: string, edit: (draft: Draft) => void) =>
      rows.no('TargetChanged', `target/${at}${id}`, signed, 'query', comment, DNM, send(edit))
    change('changed-type', 'A signed parameter is changed', (draft) => {
      draft.query[0]![1] = 'text%2Fhtml'
    })
    change('removed-type', 'A signed parameter is removed', (draft) => {
      draft.query.shift()
    })
    change('repeated-type', 'A signed parameter is sent a second time', (draft) =>
      draft.query.unshift(['response-content-type', 'text%2Fhtml']),
    )
  }
}

function paths(rows: Rows): void {
  const put = (id: string, comment: string, key: string, more = {}) =>
    rows.ok(
      'PathEncoding',
      `target/key-${id}`,
      'target/put',
      'path',
      comment,
      both((draft) => {
        draft.path = `${ROOT}${key}`
      }),
      more,
    )
  put('space', 'A key with a space', 'a%20b.txt')
  put('utf8', 'A key with UTF-8', 'r%C3%A9sum%C3%A9.txt')
  put('reserved', 'A key with reserved characters', 'a%2Bb%3Dc%26d%3Fe%23f.txt')
  put('percent', 'A key with a percent sign', '100%25.txt')
  put('marks', 'A key with marks that few clients encode alike', 'it%27s%20%28a%29%20%2A%21.txt')
  put('tilde', 'A key with characters that are not encoded', 'a-b_c.d~e.txt')
  put('dots', 'A key whose folder is two dots and more', 'a/...b/up.txt')
  put('colon', 'A key with a colon and an at sign', 'a%3Ab%40c.txt')
  put('slashes', 'A key with an empty folder', 'a//b.txt')
  const base = 'target/key-utf8'
  const no = (id: string, of: string, comment: string, key: string, aws = DNM, more = {}) =>
    rows.no(
      'PathEncoding',
      `target/path-${id}`,
      of,
      'path',
      comment,
      aws,
      send((draft) => {
        draft.path = `${ROOT}${key}`
      }),
      more,
    )
  no('double', base, 'The path is sent encoded twice', 'r%25C3%25A9sum%25C3%25A9.txt')
  no('overlong', 'target/key-tilde', 'A character is sent as overlong UTF-8', 'a-b_c%C0%AEd~e.txt', REFUSED)
  no('not-utf8', base, 'A character is sent as Latin-1', 'r%E9sum%C3%A9.txt', REFUSED)
  no('normalized', base, 'The letter is sent as two code points', 're%CC%81sum%C3%A9.txt')
  no(
    'incomplete',
    'target/key-percent',
    'A percent sign is sent without digits',
    '100%.txt',
    { status: 400, source: ESCAPES },
    {
      signature: 'match',
    },
  )
  rows.no(
    'PathEncoding',
    'target/signed-double',
    'target/key-space',
    'path',
    'The path is signed encoded twice, as for services other than S3',
    DNM,
    (_, signed) => {
      signed.canonicalPath = `${ROOT}a%2520b.txt`
    },
  )
  rows.no(
    'PathEncoding',
    'target/signed-raw',
    'target/key-space',
    'path',
    'The path is signed as the key, not encoded',
    DNM,
    (_, signed) => {
      signed.canonicalPath = `${ROOT}a b.txt`
    },
  )
  rows.no(
    'PathEncoding',
    'target/signed-normalized',
    'target/key-slashes',
    'path',
    'The path is signed without its empty folder, as for services other than S3',
    DNM,
    (_, signed) => {
      signed.canonicalPath = `${ROOT}a/b.txt`
    },
  )
  // S3 decodes the path to a key, in which a plus sign was a space, and encodes the key, except for its slashes
  const maybe = (id: string, of: string, comment: string, key: string) =>
    rows.maybe(
      'PathEncoding',
      `target/path-${id}`,
      of,
      'path',
      comment,
      send((draft) => {
        draft.path = `${ROOT}${key}`
      }),
      { signature: 'match' },
    )
  maybe('lowercase', base, 'The path is sent with escapes in lowercase', 'r%c3%a9sum%c3%a9.txt')
  maybe('raw-marks', 'target/key-marks', 'Marks are sent unencoded', "it's%20(a)%20*!.txt")
  maybe('encoded-letters', 'target/key-tilde', 'Letters are sent encoded', '%61-b_c.d~e.txt')
  maybe('plus', 'target/key-space', 'A space is sent as a plus sign', 'a+b.txt')
  maybe('encoded-slash', 'target/key-dots', 'A slash is sent encoded', 'a%2F...b/up.txt')
  maybe('encoded-tilde', 'target/key-tilde', 'A tilde is sent encoded', 'a-b_c.d%7Ee.txt')
}

function queries(rows: Rows): void {
  const ok = (id: string, comment: string, pairs: [string, string | undefined][], more = {}) =>
    rows.ok(
      'QueryCanonical',
      `target/query-${id}`,
      'target/get',
      'query',
      comment,
      both((draft) => {
        draft.query = pairs.map((pair) => [...pair])
      }),
      more,
    )
  ok('empty-value', 'A parameter with an empty value', [
    ['x-a', '1'],
    ['x-id', ''],
  ])
  ok('order', 'Parameters that are sent in a different order from the signed one', [
    ['x-id', 'GetObject'],
    ['response-content-type', 'text%2Fplain'],
  ])
  ok('no-equals', 'A parameter without an equals sign', [['x-id', undefined]])
  ok('reserved', 'A value with reserved characters', [
    ['response-content-disposition', 'attachment%3B%20filename%3D%22a%2Bb%26c%3Dd.txt%22'],
  ])
  ok('utf8', 'A value with UTF-8', [
    ['response-content-disposition', 'inline%3B%20filename%2A%3DUTF-8%27%27r%25C3%25A9sum%25C3%25A9'],
  ])
  ok('case', 'Names that differ only in their case', [
    ['X-id', '1'],
    ['x-id', '2'],
  ])
  ok('prefix', 'A name that starts with another one', [
    ['x-id-2', '1'],
    ['x-id', '2'],
  ])
  ok('tilde', 'A value with characters that are not encoded', [['x-id', 'a-b_c.d~e']])
  ok('repeated', 'A name that occurs twice', [
    ['x-id', 'b'],
    ['x-id', 'a'],
  ])
  const base = 'target/query-reserved'
  const value = (id: string, of: string, comment: string, canonical: string, more = {}) =>
    rows.no(
      'QueryCanonical',
      `target/query-${id}`,
      of,
      'query',
      comment,
      DNM,
      (_, signed) => {
        signed.canonicalQuery = canonical
      },
      more,
    )
  value(
    'signed-unsorted',
    'target/query-order',
    'The parameters are signed in the order in which they are sent',
    'x-id=GetObject&response-content-type=text%2Fplain',
  )
  value(
    'signed-decoded',
    'target/query-order',
    'A value is signed decoded',
    'response-content-type=text/plain&x-id=GetObject',
  )
  value('signed-no-equals', 'target/query-no-equals', 'A name is signed without an equals sign', 'x-id')
  value(
    'signed-plus',
    base,
    'A space in a value is signed as a plus sign',
    'response-content-disposition=attachment%3B+filename%3D%22a%2Bb%26c%3Dd.txt%22',
  )
  value(
    'signed-lowercase',
    'target/query-order',
    'A value is signed with escapes in lowercase',
    'response-content-type=text%2fplain&x-id=GetObject',
  )
  value('signed-without', 'target/query-order', 'The query is not signed', '')
  rows.maybe(
    'QueryCanonical',
    'target/query-plus',
    base,
    'query',
    'A space in a value is sent as a plus sign',
    send((draft) => {
      draft.query[0]![1] = draft.query[0]![1]!.replace('%20', '+')
    }),
    { signature: 'match' },
  )
  rows.maybe(
    'QueryCanonical',
    'target/query-lowercase',
    base,
    'query',
    'A value is sent with escapes in lowercase',
    send((draft) => {
      draft.query[0]![1] = draft.query[0]![1]!.replaceAll('%3D', '%3d')
    }),
    { signature: 'match' },
  )
  rows.maybe(
    'QueryCanonical',
    'target/query-empty-pair',
    'target/query-order',
    'query',
    'An empty parameter is sent',
    send((draft) => draft.query.push(['', undefined])),
    { signature: 'match' },
  )
}

/** What is not a request target in HTTP. */
const TARGET: ServiceResponse = { status: 400, source: 'docs:https://www.rfc-editor.org/rfc/rfc9112#section-3.2' }

function forms(rows: Rows): void {
  const no = (id: string, comment: string, target: string, aws = TARGET) =>
    rows.no(
      'RequestTarget',
      `target/form-${id}`,
      'target/get',
      'target',
      comment,
      aws,
      send((draft) => {
        draft.target = target
      }),
      { signature: 'none' },
    )
  no('other-host', 'The target is the URL of a different host', `http://other.example.com${READ}`, {
    source: 'docs:https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2',
  })
  no('fragment', 'A fragment follows the path', `${READ}#fragment`)
  no('backslash', 'The path contains a backslash', `${ROOT}folder\\read.txt`)
  no('no-slash', 'The path does not start with a slash', 'read.txt')
  no('user', 'The target is a URL with a user name', `http://user@{{host}}${READ}`, {
    source: 'docs:https://www.rfc-editor.org/rfc/rfc9110#section-4.2.4',
  })
  no('space', 'The path contains a space', `${ROOT}read .txt`, REFUSED)
  rows.no(
    'RequestTarget',
    'target/two-hosts',
    'target/get',
    'header',
    'Two different Host headers are sent',
    TARGET,
    send((draft) => draft.headers.push(['Host', 'other.example.com'])),
    { signature: 'mismatch' },
  )
  const maybe = (id: string, comment: string, target: string) =>
    rows.maybe(
      'RequestTarget',
      `target/form-${id}`,
      'target/get',
      'target',
      comment,
      send((draft) => {
        draft.target = target
      }),
      { signature: 'match' },
    )
  maybe('absolute', 'The target is the URL of the same host', `http://{{host}}${READ}`)
  maybe('empty-query', 'A question mark follows the path', `${READ}?`)
  maybe('empty-pairs', 'Only an ampersand follows the question mark', `${READ}?&`)
}
