import { both, type Edit, REQUESTS, Rows } from '../model/builder.ts'
import { type Draft, queryDraft, setPair } from '../model/draft.ts'
import { OBJECTS, PATH_STYLE } from '../model/setting.ts'
import { AQPE, ARGUMENT, by, DENIED, DNM, QUERY_PAGE, REFUSED, V2_REFUSED } from '../model/sources.ts'
import * as common from './common.ts'

const READ = '{{path}}/{{prefix}}read.txt'
const WRITE = '{{path}}/{{prefix}}up.txt'

export function s3Presigned(): Rows {
  const rows = new Rows('s3-presigned', 's3', PATH_STYLE, OBJECTS, REQUESTS)
  rows.base('BadSignature', 'presigned/get', 'A download', queryDraft('GET', READ))
  rows.base('BadSignature', 'presigned/put', 'An upload', queryDraft('PUT', WRITE, 'written'))
  rows.base('BadSignature', 'presigned/delete', 'A deletion', queryDraft('DELETE', WRITE))
  const claims = {
    rows,
    at: 'presigned',
    place: 'query',
    read: 'presigned/get',
    write: 'presigned/put',
    malformed: AQPE,
    isS3: true,
  } as const
  common.signatureRows(claims)
  common.formRows(claims)
  common.algorithmRows(claims)
  common.malformedRows(claims)
  common.scopeRows(claims)
  common.unsignedHeaderRows(claims, 'presigned/delete')
  rows.base('CopySourceSmuggling', 'presigned/put-empty', 'An upload of an empty object', queryDraft('PUT', WRITE, ''))
  common.copyRows({ ...claims, write: 'presigned/put-empty' })
  common.hostRows(claims)
  common.listRows(claims)
  common.changedHeaderRows(claims)
  common.plainHeaderRows(claims)
  for (const [id, value] of [
    ['less', '59'],
    ['more', '604800'],
  ] as const)
    rows.no(
      'TargetChanged',
      `presigned/expires-${id}`,
      'presigned/get',
      'query',
      `The holder changes X-Amz-Expires to ${value}`,
      DNM,
      (sent) => setPair(sent.query, 'X-Amz-Expires', value),
    )
  doubled(rows)
  expiry(rows)
  dates(rows)
  common.dateRows(claims, AQPE)
  others(rows)
  return rows
}

function doubled(rows: Rows): void {
  const add = (id: string, name: string, value: string, where: 'before' | 'after', of = 'presigned/get') => {
    const thing = /Expires|Date/.exec(name)?.[0].toLowerCase()
    rows.no(
      'DoubledParameter',
      `presigned/doubled-${id}`,
      of,
      'query',
      `A second ${name} is sent ${where} the others`,
      REFUSED,
      (sent) => {
        if (where === 'before') sent.query.unshift([name, value])
        else sent.query.push([name, value])
      },
      { signature: 'none', ...(thing && { provedBy: `presigned/expired-doubled-${thing}-${where}` }) },
    )
  }
  add('expires-before', 'X-Amz-Expires', '604800', 'before')
  add('expires-after', 'X-Amz-Expires', '604800', 'after')
  add('date-before', 'X-Amz-Date', '{{time+3600}}', 'before')
  add('date-after', 'X-Amz-Date', '{{time+3600}}', 'after')
  add(
    'credential-after',
    'X-Amz-Credential',
    'AKIAI44QH8DHBEXAMPLE%2F{{day}}%2F{{region}}%2F{{service}}%2Faws4_request',
    'after',
  )
  add(
    'credential-before',
    'X-Amz-Credential',
    'AKIAI44QH8DHBEXAMPLE%2F{{day}}%2F{{region}}%2F{{service}}%2Faws4_request',
    'before',
  )
  add('signed-headers-after', 'X-Amz-SignedHeaders', 'host', 'after')
  add('algorithm-before', 'X-Amz-Algorithm', 'none', 'before')
  add('signature-before', 'X-Amz-Signature', '0'.repeat(64), 'before')
  add('expires-write', 'X-Amz-Expires', '604800', 'after', 'presigned/put')
  rows.maybe(
    'DoubledParameter',
    'presigned/doubled-signed',
    'presigned/get',
    'query',
    'X-Amz-Expires occurs twice, and both values are signed',
    both((draft) => draft.query.push(['X-Amz-Expires', '60'])),
    { signature: 'none' },
  )
  rows.maybe(
    'DoubledParameter',
    'presigned/lowercase-expires',
    'presigned/get',
    'query',
    'A signed x-amz-expires in lowercase is sent in addition',
    both((draft) => draft.query.push(['x-amz-expires', '60'])),
    { signature: 'match' },
  )
  rows.maybe(
    'DoubledParameter',
    'presigned/doubled-signature-equal',
    'presigned/get',
    'query',
    'The correct signature occurs twice',
    (sent) => sent.query.push(['X-Amz-Signature', '{{signature}}']),
    { signature: 'none' },
  )
}

function expiry(rows: Rows): void {
  const at = (offset: number, expires: string): Edit<Draft> =>
    both((draft) => {
      draft.offset = offset
      setPair(draft.query, 'X-Amz-Expires', expires)
    })
  const expired = by(QUERY_PAGE, DENIED)
  const limit = by(QUERY_PAGE, AQPE)
  const late = (of: string, id: string, comment: string, offset: number, more = {}) =>
    rows.no(
      'Expiry',
      `presigned/${id}`,
      of,
      'clock',
      comment,
      expired,
      both((draft) => {
        draft.offset = offset
      }),
      more,
    )
  late('presigned/get', 'expired', 'A download that has expired an hour ago', -4500)
  late('presigned/put', 'expired-write', 'An upload that has expired an hour ago', -4500)
  late('presigned/delete', 'expired-delete', 'A deletion that has expired a day ago', -87_300)
  late('presigned/get', 'expired-second', 'A download that has expired a second ago', -901, { live: false })
  const value = (id: string, comment: string, expires: string, signature: 'match' | 'none' = 'match') =>
    rows.no('Expiry', `presigned/expires-${id}`, 'presigned/get', 'query', comment, limit, at(0, expires), {
      signature,
    })
  value('week-and-second', 'A lifetime of a week and a second', '604801')
  value('years', 'A lifetime of 31 years', '999999999')
  value('negative', 'A negative lifetime', '-900')
  value('word', 'The lifetime is not a number', 'forever')
  value('empty', 'The lifetime is empty', '')
  value('exponent', 'The lifetime is 9e2', '9e2')
  value('huge', 'The lifetime exceeds 64 bits', '99999999999999999999')
  value('plus', 'A plus sign precedes the lifetime', '%2B900')
  value('decimal', 'The lifetime has a fraction', '900.0')
  value('hex', 'The lifetime is in hex', '0x384')
  value('unit', 'A unit follows the lifetime', '900s')
  value('space', 'A space follows the lifetime', '900%20')
  value('list', 'The lifetime is a list', '900%2C604800')
  rows.ok('Expiry', 'presigned/expires-week', 'presigned/get', 'query', 'A lifetime of a week', at(0, '604800'))
  rows.ok('Expiry', 'presigned/expires-minute', 'presigned/get', 'query', 'A lifetime of a minute', at(0, '60'))
  rows.ok(
    'Expiry',
    'presigned/old',
    'presigned/expires-week',
    'clock',
    'A lifetime of a week, of which six days have passed',
    at(-518_400, '604800'),
  )
  // accepted only if the added value is used: the tests above may be accepted because it is ignored
  for (const where of ['before', 'after'] as const)
    for (const [name, value] of [
      ['Expires', '604800'],
      ['Date', '{{time+518400}}'],
    ] as const)
      rows.no(
        'DoubledParameter',
        `presigned/expired-doubled-${name.toLowerCase()}-${where}`,
        'presigned/old',
        'query',
        `The lifetime of a day has passed, and a second X-Amz-${name} is sent ${where} the others`,
        REFUSED,
        (sent, signed) => {
          for (const draft of [sent, signed]) setPair(draft.query, 'X-Amz-Expires', '86400')
          if (where === 'before') sent.query.unshift([`X-Amz-${name}`, value])
          else sent.query.push([`X-Amz-${name}`, value])
        },
        { signature: 'none' },
      )
  rows.ok(
    'Expiry',
    'presigned/last-second',
    'presigned/get',
    'clock',
    'Used in the last second of its lifetime',
    at(-900, '900'),
    { live: false },
  )
  rows.ok(
    'Expiry',
    'presigned/ten-minutes-old',
    'presigned/put',
    'clock',
    'An upload after ten of its fifteen minutes',
    at(-600, '900'),
  )
  rows.maybe('Expiry', 'presigned/expires-zero', 'presigned/get', 'query', 'A lifetime of zero', at(0, '0'), {
    live: false,
  })
}

function dates(rows: Rows): void {
  const aws = AQPE
  for (const [id, comment, value] of [
    ['empty', 'The date is empty', ''],
    ['http', 'The date has the format of HTTP', 'Tue%2C%2010%20Mar%202026%2012%3A00%3A00%20GMT'],
    ['iso', 'The date has separators', '2026-03-10T12%3A00%3A00Z'],
  ] as const)
    rows.no(
      'DateForm',
      `presigned/date-${id}`,
      'presigned/get',
      'query',
      comment,
      aws,
      both((draft) => setPair(draft.query, 'X-Amz-Date', value)),
      { signature: 'none' },
    )
  const ahead = (id: string, comment: string, offset: number, of = 'presigned/get') =>
    rows.no(
      'ClockSkew',
      `presigned/${id}`,
      of,
      'clock',
      comment,
      DENIED,
      both((draft) => {
        draft.offset = offset
      }),
    )
  ahead('ahead', 'Signed an hour ahead', 3600)
  ahead('ahead-write', 'An upload that was signed an hour ahead', 3600, 'presigned/put')
  ahead('ahead-day', 'Signed a day ahead', 86_400)
  rows.ok(
    'ClockSkew',
    'presigned/five-minutes-ahead',
    'presigned/get',
    'clock',
    'Signed five minutes ahead',
    both((draft) => {
      draft.offset = 300
    }),
  )
  rows.maybe(
    'ClockSkew',
    'presigned/thirteen-minutes-ahead',
    'presigned/get',
    'clock',
    'Signed 13 minutes ahead',
    both((draft) => {
      draft.offset = 780
    }),
  )
}

function others(rows: Rows): void {
  const header =
    'AWS4-HMAC-SHA256 Credential={{accessKeyId}}/{{day}}/{{region}}/{{service}}/aws4_request, SignedHeaders=host, Signature='
  rows.no(
    'HeaderAndQueryAuth',
    'presigned/and-header',
    'presigned/get',
    'claim',
    'An Authorization header is added',
    ARGUMENT,
    (sent) => {
      sent.headers.push(['Authorization', `${header}${'0'.repeat(64)}`])
    },
    { signature: 'match' },
  )
  rows.no(
    'HeaderAndQueryAuth',
    'presigned/and-bearer',
    'presigned/put',
    'claim',
    'A token in an Authorization header is added',
    ARGUMENT,
    (sent) => {
      sent.headers.push(['Authorization', 'Bearer eyJhbGciOiJub25lIn0.e30.'])
    },
    { signature: 'match' },
  )
  rows.no(
    'AnonymousFallback',
    'presigned/no-claim',
    'presigned/get',
    'claim',
    'All parameters of the claim are removed',
    DENIED,
    (sent) => {
      sent.query = []
      sent.place = 'none'
    },
    { signature: 'none' },
  )
  rows.no(
    'AnonymousFallback',
    'presigned/only-signature',
    'presigned/put',
    'claim',
    'Of the claim of an upload, only the signature is sent',
    AQPE,
    (sent) => {
      sent.query = []
    },
    { signature: 'none' },
  )
  const v2 = (sent: Draft, signature: string): void => {
    sent.place = 'none'
    const expires = '1773147600'
    sent.query = [
      ['AWSAccessKeyId', '{{uri accessKeyId}}'],
      ['Expires', expires],
      ['Signature', signature],
    ]
    sent.after.push({
      name: 'version2',
      hmacSha1: `${sent.method}\n\n\n${expires}\n/{{bucket}}/{{prefix}}${sent.path.split('}').at(-1)}`,
    })
  }
  rows.no(
    'V2Downgrade',
    'presigned/v2-wrong',
    'presigned/get',
    'claim',
    'A URL with a wrong signature of version 2',
    V2_REFUSED,
    (sent) => v2(sent, 'd3Jvbmcgc2lnbmF0dXJlIG9mIDIwIGI%3D'),
    { signature: 'none', live: false },
  )
  rows.maybe(
    'V2Downgrade',
    'presigned/v2',
    'presigned/get',
    'claim',
    'A URL with a correct signature of version 2',
    (sent) => v2(sent, '{{uri version2}}'),
    { signature: 'none', live: false },
  )
  rows.maybe(
    'V2Downgrade',
    'presigned/v2-delete',
    'presigned/delete',
    'claim',
    'The URL of a deletion with a correct signature of version 2',
    (sent) => v2(sent, '{{uri version2}}'),
    { signature: 'none', live: false },
  )
  rows.no(
    'UnsignedAmzHeader',
    'presigned/unsigned-token',
    'presigned/get',
    'header',
    'A security token is added as a header and not signed',
    by(QUERY_PAGE, DENIED),
    (sent) => sent.headers.push(['X-Amz-Security-Token', 'example']),
  )
  rows.no(
    'TargetChanged',
    'presigned/added-token',
    'presigned/get',
    'query',
    'A security token is added to the query',
    REFUSED,
    (sent) => sent.query.push(['X-Amz-Security-Token', 'example']),
  )
  rows.maybe(
    'UnsignedAmzHeader',
    'presigned/unsigned-cf-id',
    'presigned/get',
    'header',
    'X-Amz-Cf-Id is added, as by CloudFront',
    (sent) => sent.headers.push(['X-Amz-Cf-Id', 'example==']),
  )
  rows.maybe(
    'UnsignedAmzHeader',
    'presigned/unsigned-payload-header',
    'presigned/put',
    'header',
    'X-Amz-Content-Sha256 repeats UNSIGNED-PAYLOAD and is not signed',
    (sent) => sent.headers.push(['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD']),
  )
  rows.maybe(
    'UnsignedAmzHeader',
    'presigned/unsigned-hash',
    'presigned/put',
    'header',
    'X-Amz-Content-Sha256 is the hash of the body and is not signed',
    (sent) => sent.headers.push(['X-Amz-Content-Sha256', '{{sha256 body}}']),
  )
}
