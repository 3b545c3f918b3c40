import { KEY } from '../../format/fill.ts'
import type { ServiceResponse } from '../../format/format.ts'
import { both, type Edit, type Rows } from '../model/builder.ts'
import { addHeader, type Draft, pairValue, removePair, setPair, signNames } from '../model/draft.ts'
import { ARGUMENT, by, DENIED, DNM, HEADER_PAGE, HEADER_UNSIGNED, QUERY_PAGE, UNKNOWN_KEY } from '../model/sources.ts'

// Rows about the claim of a request, for both places and for every service.

/** What the rows of one place and service have in common. */
export interface Claims {
  readonly rows: Rows
  /** Starts the IDs. */
  readonly at: string
  readonly place: 'header' | 'query'
  /** IDs of valid cases. */
  readonly read: string
  readonly write: string
  /** The response to a malformed claim. */
  readonly malformed: ServiceResponse
  readonly isS3: boolean
}

/** The key with one part replaced. */
export function keyWith(index: number, part: string): string[] {
  return KEY.map((each, i) => (i === index ? part : each))
}

/** Sets the credential of a claim, as text with slashes. */
export function setCredential(draft: Draft, credential: string): void {
  draft.credential = credential
  if (draft.place === 'query')
    setPair(
      draft.query,
      'X-Amz-Credential',
      credential
        .replaceAll('/', '%2F')
        .replaceAll(',', '%2C')
        .replaceAll('*', '%2A')
        .replaceAll('{{accessKeyId}}', '{{uri accessKeyId}}'),
    )
}

/** Sets the date of a claim. */
export function setDate(draft: Draft, date: string): void {
  setPair(draft.place === 'query' ? draft.query : draft.headers, 'X-Amz-Date', date)
}

export function setAlgorithm(draft: Draft, algorithm: string): void {
  draft.algorithm = algorithm
  if (draft.place === 'query') setPair(draft.query, 'X-Amz-Algorithm', algorithm)
}

const sign =
  (edit: (model: Draft) => void): Edit<Draft> =>
  (_, signed) =>
    edit(signed)
const send =
  (edit: (model: Draft) => void): Edit<Draft> =>
  (sent) =>
    edit(sent)

export function signatureRows({ rows, at, read, write }: Claims): void {
  const no = (id: string, of: string, what: string, comment: string, edit: Edit<Draft>, aws = DNM, more = {}) =>
    rows.no('BadSignature', `${at}/${id}`, of, what, comment, aws, edit, more)
  no(
    'wrong-secret',
    read,
    'secret',
    'The request is signed with a different secret access key',
    sign((draft) => {
      draft.key = keyWith(0, 'AWS4wJalrXUtnFEMI/bPxRfiCYWRONGSECRETKEY')
    }),
  )
  no(
    'wrong-secret-write',
    write,
    'secret',
    'A write is signed with a different secret access key',
    sign((draft) => {
      draft.key = keyWith(0, 'AWS4wJalrXUtnFEMI/bPxRfiCYWRONGSECRETKEY')
    }),
  )
  no(
    'wrong-digit',
    read,
    'signature',
    'The last digit of the signature is a different one',
    send((draft) => {
      draft.signature = '{{flip signature}}'
    }),
  )
  no(
    'wrong-digit-write',
    write,
    'signature',
    'The last digit of the signature of a write is a different one',
    send((draft) => {
      draft.signature = '{{flip signature}}'
    }),
  )
  no(
    'key-without-aws4',
    read,
    'secret',
    'The key is derived from the secret access key without AWS4',
    sign((draft) => {
      draft.key = keyWith(0, '{{secretAccessKey}}')
    }),
  )
  no(
    'key-of-yesterday',
    read,
    'secret',
    'The key is derived for the day before',
    sign((draft) => {
      draft.key = keyWith(1, '{{day-86400}}')
    }),
  )
  for (const [id, index, part] of [
    ['region', 2, 'other-{{region}}'],
    ['service', 3, 'iam'],
    ['terminator', 4, 'aws4_other'],
  ] as const)
    no(
      `key-of-other-${id}`,
      read,
      'secret',
      `The key is derived for a different ${id}`,
      sign((draft) => {
        draft.key = keyWith(index, part)
      }),
    )
  no(
    'unknown-key',
    read,
    'credential',
    'The access key ID is unknown; the rest of the request is correct',
    both((draft) => setCredential(draft, `AKIAI44QH8DHBUNKNOWN/${draft.scope}`)),
    UNKNOWN_KEY,
    { signature: 'none' },
  )
}

export function formRows({ rows, at, read, place }: Claims): void {
  const no = (id: string, comment: string, signature: string) =>
    rows.no(
      'SignatureForm',
      `${at}/signature-${id}`,
      read,
      'signature',
      comment,
      DNM,
      (sent) => {
        sent.signature = signature
      },
      { signature: 'mismatch' },
    )
  no('short', 'The last digit of the signature is missing', '{{cut signature}}')
  no('long', 'A digit follows the signature', '{{signature}}0')
  no('zeros', 'The signature consists of zeros', '0'.repeat(64))
  if (place === 'header') no('one-digit', 'The signature is its first digit at best', '0')
  if (place === 'query')
    no('base64', 'The signature is Base64, as in version 2', 'd3Jvbmdfc2lnbmF0dXJlX2luX2Jhc2U2NA%3D%3D')
  rows.maybe(
    'SignatureForm',
    `${at}/signature-uppercase`,
    read,
    'signature',
    'The digits of the signature are in uppercase',
    (sent) => {
      sent.signature = '{{upper signature}}'
    },
    { signature: 'mismatch' },
  )
}

export function algorithmRows({ rows, at, place, read, malformed }: Claims): void {
  const no = (id: string, comment: string, algorithm: string) =>
    rows.no(
      'Algorithm',
      `${at}/algorithm-${id}`,
      read,
      'algorithm',
      comment,
      place === 'header' ? ARGUMENT : malformed,
      both((draft) => setAlgorithm(draft, algorithm)),
      { signature: 'none' },
    )
  no('none', 'The algorithm has the name none', 'none')
  no('sha512', 'The algorithm is that of a different hash', 'AWS4-HMAC-SHA512')
  no('lowercase', 'The name of the algorithm is in lowercase', 'aws4-hmac-sha256')
  no('sha1', 'The algorithm is that of a weak hash', 'AWS4-HMAC-SHA1')
  if (place === 'query') return
  for (const [id, comment, start] of [
    ['missing', 'The header starts with Credential', ''],
    ['joined', 'No space follows the algorithm', 'AWS4-HMAC-SHA256'],
  ] as const)
    rows.no(
      'Algorithm',
      `${at}/algorithm-${id}`,
      read,
      'algorithm',
      comment,
      ARGUMENT,
      (sent) => {
        sent.authorization = `${start}Credential=${sent.credential}, SignedHeaders=${sent.names.join(';')}, Signature={{signature}}`
      },
      { signature: 'none' },
    )
}

/** Malformed claims, as the name of a case and how to damage it. */
export function malformedRows({ rows, at, place, read, malformed }: Claims): void {
  const scope = '{{day}}/{{region}}/{{service}}/aws4_request'
  const credentials: [string, string, string][] = [
    ['credential-empty', 'The credential is empty', ''],
    ['credential-key-only', 'The credential is only the access key ID', '{{accessKeyId}}'],
    ['credential-no-key', 'The access key ID is empty', `/${scope}`],
    [
      'credential-no-terminator',
      'The credential ends after the service',
      '{{accessKeyId}}/{{day}}/{{region}}/{{service}}',
    ],
    ['credential-no-region', 'The credential has no region', '{{accessKeyId}}/{{day}}/{{service}}/aws4_request'],
    [
      'credential-empty-region',
      'The region of the credential is empty',
      '{{accessKeyId}}/{{day}}//{{service}}/aws4_request',
    ],
  ]
  for (const [id, comment, credential] of credentials)
    rows.no(
      'MalformedClaim',
      `${at}/${id}`,
      read,
      'credential',
      comment,
      malformed,
      (sent) => setCredential(sent, credential),
      { signature: 'none' },
    )
  if (place === 'query') {
    for (const name of ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-SignedHeaders', 'X-Amz-Expires'])
      rows.no(
        'MalformedClaim',
        `${at}/no-${name.slice(6).toLowerCase()}`,
        read,
        'query',
        `${name} is missing`,
        malformed,
        (sent) => removePair(sent.query, name),
        { signature: 'none' },
      )
    rows.no(
      'MalformedClaim',
      `${at}/no-signature`,
      read,
      'query',
      'X-Amz-Signature is missing',
      malformed,
      (sent) => {
        sent.signature = ''
      },
      { signature: 'none' },
    )
    rows.no(
      'MalformedClaim',
      `${at}/credential-encoded-twice`,
      read,
      'credential',
      'The credential is encoded twice',
      malformed,
      (sent) =>
        setPair(sent.query, 'X-Amz-Credential', pairValue(sent.query, 'X-Amz-Credential').replaceAll('%2F', '%252F')),
      { signature: 'none' },
    )
    return
  }
  const whole = `Credential={{accessKeyId}}/${scope}`
  const names = 'SignedHeaders=NAMES'
  const signature = 'Signature={{signature}}'
  const headers: [string, string, string][] = [
    ['no-credential', 'The header has no Credential', `${names}, ${signature}`],
    ['no-signed-headers', 'The header has no SignedHeaders', `${whole}, ${signature}`],
    ['no-signature', 'The header has no Signature', `${whole}, ${names}`],
    ['no-parts', 'Nothing follows the algorithm', ''],
    [
      'names-case',
      'The names of the parts are in lowercase',
      `credential=${whole.slice(11)}, signedheaders=NAMES, signature={{signature}}`,
    ],
    ['misspelled', 'SignedHeaders is misspelled', `${whole}, SignedHeader=NAMES, ${signature}`],
    ['repeated-signature', 'Signature occurs twice', `${whole}, ${names}, Signature=${'0'.repeat(64)}, ${signature}`],
    [
      'repeated-credential',
      'Credential occurs twice',
      `Credential=AKIAI44QH8DHBEXAMPLE/${scope}, ${whole}, ${names}, ${signature}`,
    ],
    ['semicolons', 'The parts are separated by semicolons', `${whole}; ${names}; ${signature}`],
    ['extra-part', 'The header has a fourth part', `${whole}, ${names}, ${signature}, Extra=1`],
  ]
  for (const [id, comment, rest] of headers)
    rows.no(
      'MalformedClaim',
      `${at}/${id}`,
      read,
      'claim',
      comment,
      malformed,
      (sent) => {
        sent.authorization = `AWS4-HMAC-SHA256 ${rest.replace('NAMES', sent.names.join(';'))}`.trim()
      },
      { signature: 'none' },
    )
}

/** Dates that are almost in the AWS format. */
export function dateRows({ rows, at, place, read }: Claims, aws: ServiceResponse): void {
  for (const [id, comment, value, signature = 'none'] of [
    ['hour', 'The date has hour 25', '{{day}}T250000Z', 'match'],
    ['minute', 'The date has minute 60', '{{day}}T126000Z', 'match'],
    ['no-zone', 'The date does not end with Z', '{{day}}T120000'],
    ['offset', 'The date ends with an offset', '{{day}}T120000+0000'],
    ['fraction', 'The date has a fraction of a second', '{{day}}T120000.000Z'],
    ['lowercase', 'The letters of the date are in lowercase', '{{day}}t120000z'],
    ['longer', 'A digit follows the date', '{{time}}0'],
  ] as const)
    rows.no(
      'DateForm',
      `${at}/date-${id}`,
      read,
      'date',
      comment,
      aws,
      both((draft) => {
        draft.time = value
        setDate(draft, place === 'query' ? value.replace('+', '%2B') : value)
      }),
      { signature },
    )
}

export function scopeRows({ rows, at, place, read, write, malformed }: Claims): void {
  const no = (
    flag: string,
    id: string,
    of: string,
    comment: string,
    parts: Partial<Record<'day' | 'region' | 'service' | 'end', string>>,
  ) => {
    const scope = [
      parts.day ?? '{{day}}',
      parts.region ?? '{{region}}',
      parts.service ?? '{{service}}',
      parts.end ?? 'aws4_request',
    ]
    rows.no(
      flag,
      `${at}/${id}`,
      of,
      'scope',
      comment,
      malformed,
      both((draft) => {
        draft.scope = scope.join('/')
        draft.key = ['AWS4{{secretAccessKey}}', ...scope]
        setCredential(draft, `{{accessKeyId}}/${draft.scope}`)
      }),
      { signature: parts.end === undefined ? 'match' : 'none' },
    )
  }
  no('ScopeDate', 'scope-yesterday', read, 'The credential is for the day before the signing date, and the key too', {
    day: '{{day-86400}}',
  })
  no('ScopeDate', 'scope-tomorrow', read, 'The credential is for the day after the signing date, and the key too', {
    day: '{{day+86400}}',
  })
  no(
    'ScopeDate',
    'scope-yesterday-write',
    write,
    'The credential of a write is for the day before its signing date, and the key too',
    { day: '{{day-86400}}' },
  )
  no('ScopeMismatch', 'scope-region', read, 'The request is signed for a different region', {
    region: 'other-{{region}}',
  })
  no('ScopeMismatch', 'scope-region-write', write, 'A write is signed for a different region', {
    region: 'other-{{region}}',
  })
  no('ScopeMismatch', 'scope-region-list', read, 'The region is a list that includes the correct one', {
    region: 'other,{{region}}',
  })
  no('ScopeMismatch', 'scope-region-all', read, 'The region is an asterisk', { region: '*' })
  no('ScopeMismatch', 'scope-service', read, 'The request is signed for a different service', { service: 'iam' })
  no('ScopeMismatch', 'scope-service-write', write, 'A write is signed for a different service', { service: 'sts' })
  no('ScopeMismatch', 'scope-service-uppercase', read, 'The service is in uppercase', { service: '{{upper service}}' })
  no('ScopeMismatch', 'scope-terminator', read, 'The credential ends with aws4_other', { end: 'aws4_other' })
  if (place === 'query')
    no('ScopeMismatch', 'scope-terminator-uppercase', read, 'The terminator is in uppercase', { end: 'AWS4_REQUEST' })
  else no('ScopeMismatch', 'scope-region-uppercase', read, 'The region is in uppercase', { region: '{{upper region}}' })
}

/** The response to a header that must be signed and is not. */
const UNSIGNED = { header: HEADER_UNSIGNED, query: by(QUERY_PAGE, DENIED) } as const

/** Headers of a write that a read returns unchanged. */
export const READ_BACK =
  /^(?:content-(?:type|encoding|disposition)|x-amz-(?:meta-owner|storage-class|website-redirect-location))$/i

/** Headers that the holder of a request adds. */
export function unsignedHeaderRows({ rows, at, read, write, place }: Claims, remove: string): void {
  const added: [string, string, string, string][] = [
    ['acl', write, 'x-amz-acl', 'public-read'],
    ['storage-class', write, 'x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    ['meta', write, 'x-amz-meta-owner', 'someone'],
    ['tagging', write, 'x-amz-tagging', 'public=yes'],
    ['redirect', write, 'x-amz-website-redirect-location', 'https://example.com/'],
    ['encryption', write, 'x-amz-server-side-encryption', 'AES256'],
    ['legal-hold', write, 'x-amz-object-lock-legal-hold', 'ON'],
    ['grant', write, 'x-amz-grant-full-control', 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
    ['checksum-mode', read, 'x-amz-checksum-mode', 'ENABLED'],
    ['request-payer', read, 'x-amz-request-payer', 'requester'],
    ['bypass', remove, 'x-amz-bypass-governance-retention', 'true'],
    ['mfa', remove, 'x-amz-mfa', 'arn:aws:iam::123456789012:mfa/user 123456'],
  ]
  for (const [id, of, name, value] of added)
    rows.no(
      'UnsignedAmzHeader',
      `${at}/unsigned-${id}`,
      of,
      'header',
      `${name} is added and not signed`,
      UNSIGNED[place],
      send((draft) => {
        draft.headers.push([name, value])
      }),
      READ_BACK.test(name) ? { proof: { get: 'up.txt', has: `${name}: ${value}` } } : {},
    )
  const signed = place === 'header' ? added.slice(0, 3) : added.slice(2, 5)
  for (const [id, of, name, value] of signed)
    rows.ok(
      'UnsignedAmzHeader',
      `${at}/signed-${id}`,
      of,
      'header',
      `${name} is signed`,
      both((draft) => addHeader(draft, name, value)),
    )
}

export function copyRows({ rows, at, write, place }: Claims): void {
  const source = '/{{bucket}}/{{prefix}}secret.txt'
  const proof = { get: 'up.txt', is: 'secret.txt' }
  rows.no(
    'CopySourceSmuggling',
    `${at}/put-copy-source`,
    write,
    'header',
    'The holder of an upload adds x-amz-copy-source, and reads any object of the signer',
    UNSIGNED[place],
    send((draft) => {
      draft.headers.push(['X-Amz-Copy-Source', source])
    }),
    { proof },
  )
  rows.no(
    'CopySourceSmuggling',
    `${at}/put-copy-source-encoded`,
    write,
    'header',
    'The added x-amz-copy-source is encoded',
    UNSIGNED[place],
    send((draft) => {
      draft.headers.push(['x-amz-copy-source', '%2F{{uri bucket}}%2F{{uri prefix}}secret.txt'])
    }),
    { proof },
  )
  rows.ok(
    'CopySourceSmuggling',
    `${at}/copy`,
    write,
    'header',
    'A copy whose source is signed',
    both((draft) => addHeader(draft, 'X-Amz-Copy-Source', '/{{bucket}}/{{prefix}}read.txt')),
  )
  rows.no(
    'CopySourceSmuggling',
    `${at}/copy-directive`,
    `${at}/copy`,
    'header',
    'The holder of a signed copy adds x-amz-metadata-directive',
    UNSIGNED[place],
    send((draft) => {
      draft.headers.push(['X-Amz-Metadata-Directive', 'REPLACE'])
    }),
  )
  rows.no(
    'CopySourceSmuggling',
    `${at}/copy-condition`,
    `${at}/copy`,
    'header',
    'The holder of a signed copy adds a condition on its source',
    UNSIGNED[place],
    send((draft) => {
      draft.headers.push(['x-amz-copy-source-if-none-match', '"0123456789abcdef0123456789abcdef"'])
    }),
  )
  rows.no(
    'CopySourceSmuggling',
    `${at}/copy-other-source`,
    `${at}/copy`,
    'header',
    'The holder of a signed copy changes its source',
    DNM,
    send((draft) => setPair(draft.headers, 'X-Amz-Copy-Source', source)),
    { proof },
  )
  rows.ok(
    'CopySourceSmuggling',
    `${at}/copy-encoded`,
    `${at}/copy`,
    'header',
    'A copy whose signed source is encoded and has no slash at its start',
    both((draft) => setPair(draft.headers, 'X-Amz-Copy-Source', '{{uri bucket}}/{{uri prefix}}read%2Etxt')),
  )
}

export function hostRows({ rows, at, read, write, place }: Claims): void {
  const without = both<Draft>((draft) =>
    signNames(
      draft,
      draft.names.filter((name) => name !== 'host'),
    ),
  )
  if (place === 'header') {
    rows.no(
      'HostNotSigned',
      `${at}/host-unsigned`,
      read,
      'names',
      'The host is not among the signed headers',
      UNSIGNED[place],
      without,
    )
    rows.no(
      'HostNotSigned',
      `${at}/host-unsigned-write`,
      write,
      'names',
      'The host of a write is not among the signed headers',
      UNSIGNED[place],
      without,
    )
    return
  }
  const more = both<Draft>((draft) => addHeader(draft, 'X-Amz-Meta-A', '1'))
  rows.ok('HostNotSigned', `${at}/host-and-header`, read, 'header', 'The host and one more header are signed', more)
  rows.ok(
    'HostNotSigned',
    `${at}/host-and-header-write`,
    write,
    'header',
    'The host and one more header of a write are signed',
    more,
  )
  rows.no(
    'HostNotSigned',
    `${at}/host-unsigned`,
    `${at}/host-and-header`,
    'names',
    'The host is not among the signed headers',
    UNSIGNED[place],
    without,
  )
  rows.no(
    'HostNotSigned',
    `${at}/host-unsigned-write`,
    `${at}/host-and-header-write`,
    'names',
    'The host of a write is not among the signed headers',
    UNSIGNED[place],
    without,
  )
}

export function listRows({ rows, at, read, malformed, place, isS3 }: Claims): void {
  rows.ok(
    'SignedHeadersList',
    `${at}/names`,
    read,
    'header',
    'Two more headers are signed',
    both((draft) => {
      addHeader(draft, 'X-Amz-Meta-A', '1')
      addHeader(draft, 'X-Amz-Meta-B', '2')
    }),
  )
  const base = `${at}/names`
  rows.maybe(
    'SignedHeadersList',
    `${at}/names-unsorted`,
    base,
    'names',
    'The names are not sorted',
    both((draft) => signNames(draft, [...draft.names].reverse())),
    { signature: 'match' },
  )
  for (const [id, comment, edit] of [
    ['end', 'A semicolon follows the names', (names) => [...names, '']],
    ['start', 'A semicolon precedes the names', (names) => ['', ...names]],
    ['space', 'A space follows a semicolon', ([first = '', ...names]) => [first, ` ${names.join(';')}`]],
    ['commas', 'The names are separated by commas', (names) => [names.join(',')]],
  ] as [string, string, (names: readonly string[]) => string[]][])
    rows.no(
      'SignedHeadersList',
      `${at}/names-${id}`,
      base,
      'names',
      comment,
      { source: !isS3 ? malformed.source : place === 'header' ? HEADER_PAGE : QUERY_PAGE },
      both((draft) => signNames(draft, edit(draft.names))),
      { signature: 'none' },
    )
  rows.no(
    'SignedHeadersList',
    `${at}/names-repeated`,
    base,
    'names',
    'A name occurs twice',
    malformed,
    both((draft) => signNames(draft, [...draft.names, draft.names.at(-1)!])),
    { signature: 'none' },
  )
  rows.no(
    'SignedHeadersList',
    `${at}/names-uppercase`,
    base,
    'names',
    'The names are in uppercase',
    malformed,
    both((draft) =>
      signNames(
        draft,
        draft.names.map((name) => name.toUpperCase()),
      ),
    ),
    { signature: 'none' },
  )
  rows.no(
    'SignedHeadersList',
    `${at}/names-empty`,
    base,
    'names',
    'No header is signed',
    malformed,
    both((draft) => signNames(draft, [])),
    { signature: 'none' },
  )
}

export function changedHeaderRows({ rows, at, read, write }: Claims): void {
  rows.ok(
    'SignedHeaderChanged',
    `${at}/typed`,
    write,
    'header',
    'Content-Type and metadata are signed',
    both((draft) => {
      addHeader(draft, 'Content-Type', 'text/plain')
      addHeader(draft, 'X-Amz-Meta-Owner', 'the signer')
    }),
  )
  const base = `${at}/typed`
  const no = (id: string, comment: string, edit: (draft: Draft) => void, of = base) =>
    rows.no('SignedHeaderChanged', `${at}/${id}`, of, 'header', comment, DNM, send(edit))
  no('changed-type', 'The signed Content-Type is changed', (draft) =>
    setPair(draft.headers, 'Content-Type', 'text/html'),
  )
  no('changed-meta', 'Signed metadata is changed', (draft) => setPair(draft.headers, 'X-Amz-Meta-Owner', 'someone'))
  no('missing-meta', 'Signed metadata is missing', (draft) => removePair(draft.headers, 'X-Amz-Meta-Owner'))
  no('missing-type', 'The signed Content-Type is missing', (draft) => removePair(draft.headers, 'Content-Type'))
  no('repeated-meta', 'Signed metadata is sent a second time with a different value', (draft) =>
    draft.headers.push(['X-Amz-Meta-Owner', 'someone']),
  )
  no(
    'changed-host',
    'The host is a different one',
    (draft) => setPair(draft.headers, 'Host', 'other.example.com'),
    read,
  )
  const part = `${at}/range`
  rows.ok(
    'SignedHeaderChanged',
    part,
    read,
    'header',
    'Range is signed',
    both((draft) => addHeader(draft, 'Range', 'bytes=0-3')),
  )
  no('changed-range', 'The signed Range is changed', (draft) => setPair(draft.headers, 'Range', 'bytes=0-'), part)
  no('missing-range', 'The signed Range is missing', (draft) => removePair(draft.headers, 'Range'), part)
  rows.ok(
    'SignedHeaderChanged',
    `${at}/spaces`,
    write,
    'header',
    'A value has spaces at both ends and within, which are folded to one',
    both((draft) => addHeader(draft, 'X-Amz-Meta-Owner', '  a   b  ')),
  )
  rows.ok(
    'SignedHeaderChanged',
    `${at}/empty-value`,
    write,
    'header',
    'The value of a signed header is empty',
    both((draft) => addHeader(draft, 'X-Amz-Meta-Empty', '')),
  )
  rows.maybe(
    'SignedHeaderChanged',
    `${at}/tab`,
    write,
    'header',
    'A value contains a tab, which is signed as it is',
    both((draft) => addHeader(draft, 'X-Amz-Meta-Owner', 'a\tb')),
  )
}

export function plainHeaderRows({ rows, at, read, write }: Claims): void {
  for (const [id, of, name, value] of [
    ['range', read, 'Range', 'bytes=0-3'],
    ['type', write, 'Content-Type', 'text/plain'],
    ['condition', read, 'If-None-Match', '"0"'],
    ['cache', write, 'Cache-Control', 'no-cache'],
  ] as const)
    rows.ok(
      'UnsignedPlainHeader',
      `${at}/unsigned-${id}`,
      of,
      'header',
      `${name} is not signed`,
      send((draft) => draft.headers.push([name, value])),
    )
}
