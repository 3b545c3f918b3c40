import { both, REQUESTS, Rows, type Writer } from '../model/builder.ts'
import {
  addHeader,
  canonical,
  type Draft,
  headerDraft,
  queryDraft,
  removePair,
  setPair,
  signNames,
} from '../model/draft.ts'
import { OBJECTS, PATH_STYLE } from '../model/setting.ts'
import { AHM, AQPE, by, DNM, IAM_PAGE } from '../model/sources.ts'

const ALGORITHM = 'AWS4-ECDSA-P256-SHA256'
const SET = 'X-Amz-Region-Set'
const SCOPE = '{{day}}/{{service}}/aws4_request'
const READ = '{{path}}/{{prefix}}read.txt'

/** Requests that are signed with a private key. */
const REQUESTS_4A: Writer<Draft> = {
  clone: REQUESTS.clone,
  write(signed, sent) {
    const { sign, send } = REQUESTS.write(signed, sent)
    return { sign: sign.map((step) => ('hmac' in step ? { name: step.name, ecdsa: step.hmac } : step)), send }
  },
  state: (signed, sent) => {
    const isSame =
      canonical(sent) === canonical(signed) && sent.signature === '{{signature}}' && sent.scope === signed.scope
    return isSame && sent.offset === signed.offset ? 'match' : 'mismatch'
  },
}

function ofAlgorithm(draft: Draft): Draft {
  draft.algorithm = ALGORITHM
  draft.scope = SCOPE
  draft.credential = `{{accessKeyId}}/${SCOPE}`
  if (draft.place === 'header') addHeader(draft, SET, '{{region}}')
  else {
    setPair(draft.query, 'X-Amz-Algorithm', ALGORITHM)
    setPair(draft.query, 'X-Amz-Credential', '{{uri accessKeyId}}%2F{{day}}%2F{{service}}%2Faws4_request')
    draft.query.push([SET, '{{region}}'])
  }
  return draft
}

function setRegions(draft: Draft, regions: string): void {
  if (draft.place === 'header') setPair(draft.headers, SET, regions)
  else setPair(draft.query, SET, regions.replaceAll(',', '%2C').replaceAll('*', '%2A'))
}

export function sigv4a(): Rows {
  const rows = new Rows('sigv4a', 'sigv4a', PATH_STYLE, OBJECTS, REQUESTS_4A)
  const live = { live: false } as const
  rows.base('SigV4aRegionSet', 'sigv4a/header', 'A read for one region', ofAlgorithm(headerDraft('GET', READ)), live)
  rows.base(
    'SigV4aRegionSet',
    'sigv4a/presigned',
    'A download for one region',
    ofAlgorithm(queryDraft('GET', READ)),
    live,
  )
  for (const [at, of, malformed] of [
    ['header', 'sigv4a/header', AHM],
    ['presigned', 'sigv4a/presigned', AQPE],
  ] as const) {
    const thing = at === 'header' ? 'header' : 'query'
    const no = (
      id: string,
      what: string,
      comment: string,
      edit: Parameters<typeof rows.no>[6],
      aws = by(IAM_PAGE, malformed),
      more = {},
    ) => rows.no('SigV4aRegionSet', `sigv4a/${at}-${id}`, of, what, comment, aws, edit, { ...live, ...more })
    no(
      'other-region',
      thing,
      'The set consists of a different region',
      both((draft) => setRegions(draft, 'eu-west-1')),
    )
    no(
      'other-prefix',
      thing,
      'The set consists of the regions of a different continent',
      both((draft) => setRegions(draft, 'eu-*')),
    )
    for (const [id, comment, regions] of [
      ['longer', 'The region of the set only starts with this region', '{{region}}0'],
      ['shorter', 'The region of the set is only the start of this region', 'us-east'],
      ['uppercase', 'The region of the set is in uppercase', 'US-EAST-1'],
    ] as const)
      no(
        `other-${id}`,
        thing,
        comment,
        both((draft) => setRegions(draft, regions)),
      )
    no(
      'empty',
      thing,
      'The set is empty',
      both((draft) => setRegions(draft, '')),
    )
    no('changed', thing, 'The set is extended after signing', (sent) => setRegions(sent, '*'), DNM)
    no(
      'wrong-digit',
      'signature',
      'The last digit of the signature is a different one',
      (sent) => {
        sent.signature = '{{flip signature}}'
      },
      DNM,
    )
    no('added-query', 'query', 'A parameter is added', (sent) => sent.query.unshift(['acl', undefined]), DNM)
    rows.ok(
      'SigV4aRegionSet',
      `sigv4a/${at}-all`,
      of,
      thing,
      'The set consists of all regions',
      both((draft) => setRegions(draft, '*')),
      live,
    )
    rows.ok(
      'SigV4aRegionSet',
      `sigv4a/${at}-list`,
      of,
      thing,
      'The set is a list with a prefix',
      both((draft) => setRegions(draft, 'eu-west-1,us-*')),
      live,
    )
  }
  for (const [id, regions] of [
    ['doubled', '%2A'],
    ['doubled-equal', '{{region}}'],
  ] as const)
    rows.no(
      'SigV4aRegionSet',
      `sigv4a/presigned-${id}`,
      'sigv4a/presigned',
      'query',
      'A second set is sent',
      { source: 'arithmetic' },
      (sent) => sent.query.unshift([SET, regions]),
      { ...live, signature: 'mismatch' },
    )
  rows.no(
    'SigV4aRegionSet',
    'sigv4a/presigned-header',
    'sigv4a/presigned',
    'header',
    'A header with a set of all regions is added and not signed',
    by(IAM_PAGE, { status: 403, code: 'AccessDenied', source: '' }),
    (sent) => sent.headers.push([SET, '*']),
    { ...live, signature: 'match' },
  )
  rows.no(
    'SigV4aRegionSet',
    'sigv4a/header-unsigned',
    'sigv4a/header',
    'names',
    'The set is not among the signed headers',
    by(IAM_PAGE, { status: 403, code: 'AccessDenied', source: '' }),
    both((draft) =>
      signNames(
        draft,
        draft.names.filter((name) => name !== 'x-amz-region-set'),
      ),
    ),
    live,
  )
  rows.no(
    'SigV4aRegionSet',
    'sigv4a/header-removed',
    'sigv4a/header',
    'header',
    'The signed set is removed',
    { source: 'arithmetic' },
    (sent) => removePair(sent.headers, SET),
    live,
  )
  return rows
}
