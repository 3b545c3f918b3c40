import { type Forged, type Forging, forge } from '../../test/support/attacks/attacker.ts'
import { sha256 } from '../../test/support/oracle.ts'
import type { Case, Expected, Framework, Repeated } from './frameworks.ts'

// Requests of a client, and what an attacker or middleware does to them. Every request is signed by node:crypto.

export const HOST = 'files.example.com'

/** Builds the request of a case, signed now. */
export function build({ request, change }: Case): Forged {
  const forged = signedNow(request)
  change?.(forged)
  if (forged.method !== 'GET' && !forged.body.length) forged.headers.push(['content-length', '0'])
  return forged
}

const signedNow = (forging: Forging): Forged => forge({ region: 'eu-west-1', time: Date.now(), ...forging })

// --- changes in transit

type Change = (forged: Forged) => void

const add =
  (name: string, value: string): Change =>
  ({ headers }) => {
    headers.push([name, value])
  }

const addFirst =
  (name: string, value: string): Change =>
  ({ headers }) => {
    headers.unshift([name, value])
  }

const replace =
  (name: string, value: string): Change =>
  ({ headers }) => {
    headers.find((pair) => pair[0] === name)![1] = value
  }

/** Replaces the body and its length. */
const replaceBody =
  (body: string | Uint8Array): Change =>
  (forged) => {
    forged.body = body
    forged.headers = forged.headers.filter(([name]) => name !== 'content-length')
    if (body.length) forged.headers.push(['content-length', String(body.length)])
  }

// --- requests

const PHOTO = Uint8Array.from({ length: 300 }, (_, i) => i)
const PHOTO_HEADERS = { 'content-type': 'image/jpeg', 'x-amz-meta-owner': 'eric' }
const PUT: Forging = { method: 'PUT', body: PHOTO, headers: PHOTO_HEADERS }
const JSON_PUT: Forging = { method: 'PUT', body: '{"é": 1}', headers: { 'content-type': 'application/json' } }
const ESCAPES: Forging = {
  path: '/photos/a%20b%2B%26%28c%29/%C3%A9%23100%25.jpg',
  query: 'prefix=a%2Fb%26c&empty=&x=%27~%2A',
}
const NAMED: Forging = { headers: { 'x-amz-meta-name': 'Zoë' } }
const presigned = (forging: Forging): Forging => ({ ...forging, location: 'query' })
const HASHED = presigned({
  ...PUT,
  headers: { ...PHOTO_HEADERS, 'x-amz-content-sha256': sha256(PHOTO) },
  payloadHash: sha256(PHOTO),
})

const ANY = presigned({ method: 'PUT', body: PHOTO })
const NO_BODY = presigned({
  ...JSON_PUT,
  headers: {},
  unsigned: JSON_PUT.headers!,
  query: `X-Amz-Content-Sha256=${sha256('')}`,
  payloadHash: sha256(''),
})

const SIGNATURE = 'ERR_SIGV4_SIGNATURE_MISMATCH'
const NOT_SIGNED = 'ERR_SIGV4_HEADER_NOT_SIGNED'
const AMBIGUOUS = 'ERR_SIGV4_AUTH_AMBIGUOUS'
const MALFORMED = 'ERR_SIGV4_AUTH_MALFORMED'
const PAYLOAD = 'ERR_SIGV4_PAYLOAD_MISMATCH'
const ARGUMENT = 'ERR_INVALID_ARG_TYPE request.body'

/** Adds the genuine Authorization header of a different request. */
const addOther: Change = (forged) => add('authorization', authorizationOfOther())(forged)
const addOtherFirst: Change = (forged) => addFirst('authorization', authorizationOfOther())(forged)

function authorizationOfOther(): string {
  return signedNow({ ...PUT, path: '/photos/other.jpg' }).headers.find(([name]) => name === 'authorization')![1]
}

const repeated =
  (expected: Readonly<Record<Repeated, Expected>>) =>
  (framework: Framework): Expected =>
    expected[framework.repeated]

/** A framework that drops one value is safe: the application reads the value that was verified. */
const AUTHORIZATION = { both: AMBIGUOUS, list: AMBIGUOUS, joined: MALFORMED } as const

const named = (kind: string, request: Forging, cases: Omit<Case, 'request'>[]): Case[] =>
  cases.map((each) => ({ ...each, request, name: `${kind}: ${each.name}` }))

/** What can be added to a request. */
const additions = (kind: string, request: Forging, accepted: Expected): Case[] =>
  named(kind, request, [
    { name: 'a request ID of the client', change: add('x-request-id', '7'), expected: accepted },
    {
      name: 'a request ID of the client, replaced by middleware',
      change: add('x-request-id', '7'),
      middleware: ['x-request-id', '8'],
      expected: ({ raw }) => (raw ? AMBIGUOUS : accepted),
    },
    { name: 'a header of middleware', middleware: ['x-user', 'eric'], expected: accepted },
    { name: 'x-amz-acl, added by middleware', middleware: ['x-amz-acl', 'private'], expected: NOT_SIGNED },
    { name: 'x-amz-acl, added', change: add('x-amz-acl', 'public-read'), expected: NOT_SIGNED },
    { name: 'x-amz-copy-source, added', change: add('x-amz-copy-source', '/secrets/key'), expected: NOT_SIGNED },
    { name: 'a parameter, added', change: ({ query }) => void query.push('acl='), expected: SIGNATURE },
  ])

/** What can be added to a presigned URL. */
const authorizations = (kind: string, request: Forging): Case[] =>
  named(kind, request, [
    { name: 'Authorization, added', change: addOther, expected: AMBIGUOUS },
    { name: 'Basic authorization, added', change: add('authorization', 'Basic ZXJpYzpwYXNz'), expected: AMBIGUOUS },
  ])

/** What can be changed in a request. */
const changes = (kind: string, request: Forging, accepted: Expected): Case[] =>
  named(kind, request, [
    { name: 'metadata, changed', change: replace('x-amz-meta-owner', 'mallory'), expected: SIGNATURE },
    { name: 'metadata, repeated', change: add('x-amz-meta-owner', 'mallory'), expected: SIGNATURE },
    { name: 'content type, changed', change: replace('content-type', 'image/png'), expected: SIGNATURE },
    {
      name: 'content type, repeated',
      change: add('content-type', 'image/png'),
      expected: repeated({ both: AMBIGUOUS, list: SIGNATURE, joined: SIGNATURE, first: accepted, last: SIGNATURE }),
    },
    {
      name: 'content type, changed by middleware',
      middleware: ['content-type', 'image/png'],
      expected: ({ raw }) => (raw ? AMBIGUOUS : SIGNATURE),
    },
    {
      name: 'method, changed',
      change: (forged) => {
        forged.method = 'POST'
      },
      expected: SIGNATURE,
    },
    {
      name: 'path, changed',
      change: (forged) => {
        forged.path = '/photos/dog.jpg'
      },
      expected: SIGNATURE,
    },
  ])

export const CASES: Case[] = [
  { name: 'GET', request: {}, expected: 'verified' },
  { name: 'presigned GET', request: presigned({}), expected: 'unsigned' },
  { name: 'GET with escapes', request: ESCAPES, expected: 'verified' },
  { name: 'presigned GET with escapes', request: presigned(ESCAPES), expected: 'unsigned' },
  { name: 'PUT', request: PUT, expected: 'verified' },
  { name: 'presigned PUT', request: presigned(PUT), expected: 'unsigned' },
  { name: 'presigned PUT with a signed hash', request: HASHED, expected: 'verified' },
  { name: 'PUT of JSON', request: JSON_PUT, expected: 'verified' },
  { name: 'PUT without a body', request: { method: 'PUT' }, expected: 'verified' },
  { name: 'signed cookies', request: { headers: { cookie: 'a=b; c=d' } }, expected: 'verified' },
  { name: 'metadata in UTF-8', request: NAMED, expected: 'verified' },
  {
    name: 'metadata in UTF-8, encoded again',
    request: NAMED,
    change: replace('x-amz-meta-name', 'ZoÃ«'),
    expected: SIGNATURE,
  },
  ...additions('PUT', PUT, 'verified'),
  ...additions('presigned PUT', presigned(PUT), 'unsigned'),
  ...additions('presigned PUT, only the host is signed', ANY, 'unsigned'),
  ...authorizations('presigned PUT', presigned(PUT)),
  ...authorizations('presigned PUT, only the host is signed', ANY),
  ...changes('PUT', PUT, 'verified'),
  ...changes('presigned PUT', presigned(PUT), 'unsigned'),
  {
    name: 'PUT: Authorization, repeated',
    request: PUT,
    change: addOther,
    expected: repeated({ ...AUTHORIZATION, first: 'verified', last: SIGNATURE }),
  },
  {
    name: 'PUT: Authorization, repeated before the genuine one',
    request: PUT,
    change: addOtherFirst,
    expected: repeated({ ...AUTHORIZATION, first: SIGNATURE, last: 'verified' }),
  },
  {
    name: 'PUT: Basic authorization, added',
    request: PUT,
    change: add('authorization', 'Basic ZXJpYzpwYXNz'),
    expected: repeated({ ...AUTHORIZATION, first: 'verified', last: 'ERR_SIGV4_ALGORITHM_UNSUPPORTED' }),
  },
  {
    name: 'PUT: parameters of a presigned URL, added',
    request: PUT,
    change: ({ query }) => void query.push(...signedNow(presigned({})).query),
    expected: AMBIGUOUS,
  },
  {
    name: 'PUT: date, repeated',
    request: PUT,
    change: add('x-amz-date', '20150830T123600Z'),
    expected: ({ repeated }) => (repeated === 'last' ? 'ERR_SIGV4_TIME_SKEWED' : MALFORMED),
  },
  {
    name: 'PUT: body, changed',
    request: PUT,
    change: replaceBody(Uint8Array.from(PHOTO).reverse()),
    expected: PAYLOAD,
  },
  { name: 'PUT: body, removed', request: PUT, change: replaceBody(''), expected: PAYLOAD },
  { name: 'PUT without a body: body, added', request: { method: 'PUT' }, change: replaceBody('a'), expected: PAYLOAD },
  {
    name: 'presigned PUT with a signed hash: body, changed',
    request: HASHED,
    change: replaceBody('a'),
    expected: PAYLOAD,
  },
]

/** Requests to applications that parse the body before they verify. */
export const PARSED: Case[] = [
  { name: 'PUT of JSON', request: JSON_PUT, expected: ARGUMENT },
  {
    name: 'PUT of JSON with the hash of no body',
    request: { ...JSON_PUT, payloadHash: sha256('') },
    expected: ARGUMENT,
  },
  { name: 'presigned PUT of JSON', request: presigned(JSON_PUT), expected: ARGUMENT },
  { name: 'presigned PUT of JSON with the hash of no body', request: NO_BODY, expected: ARGUMENT },
]
