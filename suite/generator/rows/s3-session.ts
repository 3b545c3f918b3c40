import { both, REQUESTS, Rows } from '../model/builder.ts'
import { addHeader, type Draft, headerDraft, queryDraft, removePair, setPair, signNames } from '../model/draft.ts'
import { OBJECTS, WITH_TOKEN } from '../model/setting.ts'
import { by, DENIED, ERRORS, NO_TOKEN, QUERY_PAGE, REFUSED, TOKEN } from '../model/sources.ts'

const NAME = 'X-Amz-Security-Token'
const READ = '{{path}}/{{prefix}}read.txt'

export function s3Session(): Rows {
  const rows = new Rows('s3-session', 's3', WITH_TOKEN, OBJECTS, REQUESTS)
  const needs = { needs: ['sessionToken'] }
  const header = headerDraft('GET', READ)
  addHeader(header, NAME, '{{sessionToken}}')
  const url = queryDraft('GET', READ)
  url.query.push([NAME, '{{uri sessionToken}}'])
  rows.base('SessionToken', 'session/header', 'A read with temporary credentials', header, needs)
  rows.base('SessionToken', 'session/presigned', 'A download with temporary credentials', url, needs)
  const no = (
    id: string,
    of: string,
    what: string,
    comment: string,
    edit: Parameters<typeof rows.no>[6],
    aws = by(ERRORS, TOKEN),
    more = {},
  ) => rows.no('SessionToken', `session/${id}`, of, what, comment, aws, edit, more)
  const other = 'FwoGZXIvYXdzEXAMPLE//OTHER+token/with/all=characters=='
  const missing = both<Draft>((draft) => {
    if (draft.place === 'query') return removePair(draft.query, NAME)
    removePair(draft.headers, NAME)
    signNames(
      draft,
      draft.names.filter((name) => name !== NAME.toLowerCase()),
    )
  })
  no('header-none', 'session/header', 'token', 'The token is missing, and was not signed', missing, NO_TOKEN)
  no('presigned-none', 'session/presigned', 'token', 'The token is missing, and was not signed', missing, NO_TOKEN)
  no(
    'header-removed',
    'session/header',
    'token',
    'The signed token is removed',
    (sent) => removePair(sent.headers, NAME),
    REFUSED,
  )
  no(
    'presigned-removed',
    'session/presigned',
    'token',
    'The signed token is removed',
    (sent) => removePair(sent.query, NAME),
    REFUSED,
  )
  no(
    'header-changed',
    'session/header',
    'token',
    'The signed token is replaced with a different one',
    (sent) => setPair(sent.headers, NAME, other),
    REFUSED,
  )
  no(
    'presigned-changed',
    'session/presigned',
    'token',
    'The signed token is replaced with a different one',
    (sent) => setPair(sent.query, NAME, encodeURIComponent(other)),
    REFUSED,
  )
  no(
    'header-other',
    'session/header',
    'token',
    'A different token is signed',
    both((draft) => setPair(draft.headers, NAME, other)),
  )
  no(
    'presigned-other',
    'session/presigned',
    'token',
    'A different token is signed',
    both((draft) => setPair(draft.query, NAME, encodeURIComponent(other))),
  )
  no(
    'header-unsigned',
    'session/header',
    'names',
    'The token is sent but not signed',
    both((draft) =>
      signNames(
        draft,
        draft.names.filter((name) => name !== NAME.toLowerCase()),
      ),
    ),
    by(QUERY_PAGE, DENIED),
  )
  no(
    'header-empty',
    'session/header',
    'token',
    'The signed token is empty',
    both((draft) => setPair(draft.headers, NAME, '')),
    REFUSED,
  )
  no(
    'presigned-header-unsigned',
    'session/presigned',
    'token',
    'The token of a download is sent as a header that is not signed',
    both((draft) => {
      removePair(draft.query, NAME)
      draft.headers.push([NAME, '{{sessionToken}}'])
    }),
    by(QUERY_PAGE, DENIED),
  )
  no(
    'presigned-doubled',
    'session/presigned',
    'token',
    'A second token is sent',
    (sent) => sent.query.push([NAME, encodeURIComponent(other)]),
    REFUSED,
  )
  no(
    'header-doubled',
    'session/header',
    'token',
    'A second token is sent',
    (sent) => sent.headers.push([NAME, other]),
    REFUSED,
  )
  rows.maybe(
    'SessionToken',
    'session/presigned-header',
    'session/presigned',
    'token',
    'The token of a download is sent and signed as a header',
    both((draft) => {
      removePair(draft.query, NAME)
      addHeader(draft, NAME, '{{sessionToken}}')
    }),
    { signature: 'match' },
  )
  return rows
}
