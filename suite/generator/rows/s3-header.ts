import { both, type Edit, REQUESTS, Rows } from '../model/builder.ts'
import { addHeader, type Draft, headerDraft, queryDraft, removePair, setPair, signNames } from '../model/draft.ts'
import { OBJECTS, PATH_STYLE } from '../model/setting.ts'
import {
  AHM,
  AQPE,
  ARGUMENT,
  by,
  DENIED,
  DNM,
  ERRORS,
  HEADER_PAGE,
  SKEWED,
  SNAPSHOT,
  V2_REFUSED,
} from '../model/sources.ts'
import * as common from './common.ts'

const READ = '{{path}}/{{prefix}}read.txt'
const WRITE = '{{path}}/{{prefix}}up.txt'

/** Removes the Authorization header. */
const anonymous = (draft: Draft): void => {
  draft.place = 'none'
}

/** A server of a region other than us-east-1, which clients sign for by default. */
function otherRegion(): Rows {
  const rows = new Rows(
    's3-header-region',
    's3',
    { ...PATH_STYLE, host: 's3.eu-west-1.amazonaws.com', region: 'eu-west-1' },
    OBJECTS,
    REQUESTS,
  )
  const live = { live: false } as const
  for (const [at, draft, malformed] of [
    ['header', headerDraft('GET', READ), AHM],
    ['presigned', queryDraft('GET', READ), AQPE],
  ] as const) {
    rows.base('ScopeMismatch', `${at}/region`, 'A read in a region other than us-east-1', draft, live)
    rows.no(
      'ScopeMismatch',
      `${at}/region-us-east-1`,
      `${at}/region`,
      'scope',
      'The request is signed for us-east-1, the default of many clients, and the bucket is in a different region',
      malformed,
      both((model) => {
        model.scope = '{{day}}/us-east-1/{{service}}/aws4_request'
        model.key = common.keyWith(2, 'us-east-1')
        common.setCredential(model, `{{accessKeyId}}/${model.scope}`)
      }),
      { ...live, signature: 'match' },
    )
  }
  return rows
}

export function s3Header(): Rows[] {
  const rows = new Rows('s3-header', 's3', PATH_STYLE, OBJECTS, REQUESTS)
  rows.base('BadSignature', 'header/get', 'A read', headerDraft('GET', READ))
  rows.base('BadSignature', 'header/put', 'A write', headerDraft('PUT', WRITE, 'written'))
  rows.base('BadSignature', 'header/delete', 'A deletion', headerDraft('DELETE', WRITE))
  rows.base('BadSignature', 'header/head', 'The metadata of an object', headerDraft('HEAD', READ))
  const list = headerDraft('GET', '{{path}}/')
  list.query = [
    ['list-type', '2'],
    ['prefix', '{{uri prefix}}'],
  ]
  rows.base('BadSignature', 'header/list', 'A list of objects', list)
  const claims = {
    rows,
    at: 'header',
    place: 'header',
    read: 'header/get',
    write: 'header/put',
    malformed: AHM,
    isS3: true,
  } as const
  common.signatureRows(claims)
  rows.no(
    'BadSignature',
    'header/wrong-secret-delete',
    'header/delete',
    'secret',
    'A deletion is signed with a different secret access key',
    DNM,
    (_, signed) => {
      signed.key = common.keyWith(0, 'AWS4wJalrXUtnFEMI/bPxRfiCYWRONGSECRETKEY')
    },
  )
  common.formRows(claims)
  common.algorithmRows(claims)
  rows.no(
    'Algorithm',
    'header/algorithm-ecdsa',
    'header/get',
    'algorithm',
    'The algorithm is that of Signature Version 4a, with an HMAC as signature',
    { status: 400, source: SNAPSHOT },
    both((draft) => common.setAlgorithm(draft, 'AWS4-ECDSA-P256-SHA256')),
    { signature: 'none' },
  )
  common.malformedRows(claims)
  common.scopeRows(claims)
  common.unsignedHeaderRows(claims, 'header/delete')
  rows.base('CopySourceSmuggling', 'header/put-empty', 'A write of an empty object', headerDraft('PUT', WRITE, ''))
  common.copyRows({ ...claims, write: 'header/put-empty' })
  common.hostRows(claims)
  common.listRows(claims)
  common.changedHeaderRows(claims)
  common.plainHeaderRows(claims)
  v2(rows)
  fallback(rows)
  twoClaims(rows)
  dates(rows)
  common.dateRows(claims, DENIED)
  clock(rows)
  acceptable(rows)
  return [rows, otherRegion()]
}

/** A version 2 claim, whose string to sign is shorter. */
function signV2(sent: Draft, method: string, target: string, signature: string): void {
  anonymous(sent)
  sent.headers = [
    ['Host', '{{host}}'],
    ['Date', '{{httpDate}}'],
  ]
  if (sent.body !== undefined) sent.headers.push(['Content-Length', '{{length body}}'])
  sent.authorization = `AWS {{accessKeyId}}:${signature}`
  sent.after.push({ name: 'version2', hmacSha1: `${method}\n\n\n{{httpDate}}\n${target}` })
}

function v2(rows: Rows): void {
  const wrong = 'd3Jvbmcgc2lnbmF0dXJlIG9mIDIwIGI='
  const read = '/{{bucket}}/{{prefix}}read.txt'
  const write = '/{{bucket}}/{{prefix}}up.txt'
  const aws = V2_REFUSED
  rows.no(
    'V2Downgrade',
    'header/v2-wrong',
    'header/get',
    'claim',
    'A wrong signature of version 2',
    aws,
    (sent) => signV2(sent, 'GET', read, wrong),
    { signature: 'none' },
  )
  rows.no(
    'V2Downgrade',
    'header/v2-wrong-write',
    'header/put',
    'claim',
    'A write with a wrong signature of version 2',
    aws,
    (sent) => signV2(sent, 'PUT', write, wrong),
    { signature: 'none' },
  )
  rows.no(
    'V2Downgrade',
    'header/v2-empty',
    'header/get',
    'claim',
    'An empty signature of version 2',
    aws,
    (sent) => signV2(sent, 'GET', read, ''),
    { signature: 'none' },
  )
  rows.no(
    'V2Downgrade',
    'header/v2-scheme',
    'header/get',
    'claim',
    'The claim of version 4 has the scheme of version 2',
    aws,
    (sent) => {
      sent.authorization = `AWS Credential=${sent.credential}, SignedHeaders=${sent.names.join(';')}, Signature={{signature}}`
    },
    { signature: 'none' },
  )
  rows.maybe(
    'V2Downgrade',
    'header/v2',
    'header/get',
    'claim',
    'A correct signature of version 2, which old regions accept',
    (sent) => signV2(sent, 'GET', read, '{{version2}}'),
    { signature: 'none' },
  )
  rows.maybe(
    'V2Downgrade',
    'header/v2-write',
    'header/put',
    'claim',
    'A write with a correct signature of version 2',
    (sent) => signV2(sent, 'PUT', write, '{{version2}}'),
    { signature: 'none' },
  )
  rows.maybe(
    'V2Downgrade',
    'header/v2-delete',
    'header/delete',
    'claim',
    'A deletion with a correct signature of version 2',
    (sent) => signV2(sent, 'DELETE', write, '{{version2}}'),
    { signature: 'none' },
  )
}

function fallback(rows: Rows): void {
  const no = (id: string, of: string, comment: string, authorization: string, aws = ARGUMENT) =>
    rows.no(
      'AnonymousFallback',
      `header/${id}`,
      of,
      'claim',
      comment,
      aws,
      (sent) => {
        sent.authorization = authorization
      },
      { signature: 'none' },
    )
  rows.no(
    'AnonymousFallback',
    'header/no-claim',
    'header/get',
    'claim',
    'The request has no claim',
    DENIED,
    (sent) => anonymous(sent),
    { signature: 'none' },
  )
  rows.no(
    'AnonymousFallback',
    'header/no-claim-write',
    'header/put',
    'claim',
    'A write without a claim',
    DENIED,
    (sent) => anonymous(sent),
    { signature: 'none' },
  )
  rows.no(
    'AnonymousFallback',
    'header/no-claim-delete',
    'header/delete',
    'claim',
    'A deletion without a claim',
    DENIED,
    (sent) => anonymous(sent),
    { signature: 'none' },
  )
  no('garbage', 'header/get', 'The Authorization header is not a claim', 'garbage')
  no('bearer', 'header/get', 'The Authorization header contains a token', 'Bearer eyJhbGciOiJub25lIn0.e30.')
  no(
    'bearer-write',
    'header/put',
    'A write whose Authorization header contains a token',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
  )
  no(
    'basic',
    'header/put',
    'A write whose Authorization header contains a password',
    'Basic QUtJQUlPU0ZPRE5ON0VYQU1QTEU6cGFzc3dvcmQ=',
  )
  no('scheme-only', 'header/put', 'The Authorization header of a write is only the algorithm', 'AWS4-HMAC-SHA256', AHM)
}

function twoClaims(rows: Rows): void {
  const query = (draft: Draft): void => {
    draft.query.push(
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
      ['X-Amz-Credential', '{{uri accessKeyId}}%2F{{day}}%2F{{region}}%2F{{service}}%2Faws4_request'],
      ['X-Amz-Date', '{{time}}'],
      ['X-Amz-Expires', '900'],
      ['X-Amz-SignedHeaders', 'host'],
      ['X-Amz-Signature', '0'.repeat(64)],
    )
  }
  const one = (pair: [string, string]): Edit<Draft> =>
    both((draft) => {
      draft.query.push(pair)
    })
  rows.no(
    'HeaderAndQueryAuth',
    'header/and-query',
    'header/get',
    'claim',
    'A claim in the query is added after signing',
    ARGUMENT,
    (sent) => query(sent),
  )
  rows.no(
    'HeaderAndQueryAuth',
    'header/and-query-write',
    'header/put',
    'claim',
    'A claim in the query of a write is added after signing',
    ARGUMENT,
    (sent) => query(sent),
  )
  rows.no(
    'HeaderAndQueryAuth',
    'header/and-signed-query',
    'header/get',
    'claim',
    'The header signs a claim in the query',
    ARGUMENT,
    both(query),
    { signature: 'match' },
  )
  rows.no(
    'HeaderAndQueryAuth',
    'header/and-algorithm',
    'header/get',
    'query',
    'The header signs X-Amz-Algorithm in the query',
    ARGUMENT,
    one(['X-Amz-Algorithm', 'AWS4-HMAC-SHA256']),
    { signature: 'match' },
  )
  rows.no(
    'HeaderAndQueryAuth',
    'header/and-v2',
    'header/get',
    'query',
    'The header signs Signature, the parameter of version 2, in the query',
    ARGUMENT,
    one(['Signature', 'd3Jvbmc%3D']),
    { signature: 'match' },
  )
  rows.no(
    'HeaderAndQueryAuth',
    'header/repeated',
    'header/get',
    'claim',
    'The Authorization header is sent twice',
    { status: 400, source: HEADER_PAGE },
    (sent) => {
      sent.headers.push([
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=${sent.credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      ])
    },
    { signature: 'none' },
  )
}

function dates(rows: Rows): void {
  rows.no(
    'DateForm',
    'header/no-date',
    'header/get',
    'header',
    'The request has no date',
    DENIED,
    both((draft) => {
      removePair(draft.headers, 'X-Amz-Date')
      signNames(
        draft,
        draft.names.filter((name) => name !== 'x-amz-date'),
      )
    }),
    { signature: 'none' },
  )
  rows.no(
    'DateForm',
    'header/no-date-write',
    'header/put',
    'header',
    'A write has no date',
    DENIED,
    both((draft) => {
      removePair(draft.headers, 'X-Amz-Date')
      signNames(
        draft,
        draft.names.filter((name) => name !== 'x-amz-date'),
      )
    }),
    { signature: 'none' },
  )
  const forms: [string, string, string][] = [
    ['empty', 'The date is empty', ''],
    ['day', 'The date is only a day', '{{day}}'],
    ['garbage', 'The date is not a date', 'today'],
    ['epoch', 'The date is a number of seconds', '1773144000'],
  ]
  for (const [id, comment, value] of forms)
    rows.no(
      'DateForm',
      `header/date-${id}`,
      'header/get',
      'header',
      comment,
      DENIED,
      both((draft) => setPair(draft.headers, 'X-Amz-Date', value)),
      { signature: 'none' },
    )
  rows.ok(
    'DateForm',
    'header/http-date',
    'header/get',
    'header',
    'The Date header of HTTP is signed instead of X-Amz-Date',
    both((draft) => {
      removePair(draft.headers, 'X-Amz-Date')
      signNames(
        draft,
        draft.names.filter((name) => name !== 'x-amz-date'),
      )
      addHeader(draft, 'Date', '{{httpDate}}')
    }),
  )
  rows.ok(
    'DateForm',
    'header/two-dates',
    'header/get',
    'header',
    'A Date header in addition to X-Amz-Date, which counts',
    both((draft) => draft.headers.push(['Date', 'Mon, 01 Jan 2024 00:00:00 GMT'])),
  )
}

function clock(rows: Rows): void {
  const at = (seconds: number): Edit<Draft> =>
    both((draft) => {
      draft.offset = seconds
    })
  const skewed = by(ERRORS, SKEWED)
  rows.no('ClockSkew', 'header/late', 'header/get', 'clock', 'Signed 20 minutes ago', skewed, at(-1200))
  rows.no('ClockSkew', 'header/early', 'header/get', 'clock', 'Signed 20 minutes ahead', skewed, at(1200))
  rows.no(
    'ClockSkew',
    'header/late-write',
    'header/put',
    'clock',
    'A write that was signed 20 minutes ago',
    skewed,
    at(-1200),
  )
  rows.no(
    'ClockSkew',
    'header/early-write',
    'header/put',
    'clock',
    'A write that was signed 20 minutes ahead',
    skewed,
    at(1200),
  )
  rows.no('ClockSkew', 'header/day-late', 'header/get', 'clock', 'Signed a day ago', skewed, at(-86_400))
  rows.no(
    'ClockSkew',
    'header/year-early',
    'header/delete',
    'clock',
    'A deletion that was signed a year ahead',
    skewed,
    at(31_536_000),
  )
  rows.no('ClockSkew', 'header/boundary-late', 'header/get', 'clock', 'Signed 901 seconds ago', skewed, at(-901), {
    live: false,
  })
  rows.ok('ClockSkew', 'header/ten-minutes-late', 'header/get', 'clock', 'Signed 10 minutes ago', at(-600))
  rows.ok('ClockSkew', 'header/ten-minutes-early', 'header/get', 'clock', 'Signed 10 minutes ahead', at(600))
}

function acceptable(rows: Rows): void {
  rows.maybe(
    'UnsignedAmzHeader',
    'header/unsigned-hash',
    'header/get',
    'names',
    'X-Amz-Content-Sha256 is not among the signed headers; its value is the last line of what is signed',
    both((draft) => signNames(draft, ['host', 'x-amz-date'])),
  )
  rows.maybe(
    'UnsignedAmzHeader',
    'header/unsigned-cf-id',
    'header/get',
    'header',
    'X-Amz-Cf-Id is added, as by CloudFront',
    (sent) => sent.headers.push(['X-Amz-Cf-Id', 'example==']),
  )
  rows.maybe(
    'ScopeMismatch',
    'header/scope-us-standard',
    'header/get',
    'scope',
    'The region is US, the name of us-east-1 before version 4',
    both((draft) => {
      draft.scope = '{{day}}/US/{{service}}/aws4_request'
      draft.key = common.keyWith(2, 'US')
      common.setCredential(draft, `{{accessKeyId}}/${draft.scope}`)
    }),
    { signature: 'match' },
  )
  rows.no(
    'UnsignedAmzHeader',
    'header/unsigned-token',
    'header/get',
    'header',
    'A security token is added and not signed',
    DENIED,
    (sent) => sent.headers.push(['X-Amz-Security-Token', 'example']),
  )
}
