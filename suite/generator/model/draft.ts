import { KEY } from '../../format/fill.ts'
import type { Step } from '../../format/format.ts'

export type Pair = [name: string, value: string | undefined]

/**
 * A request as strings with holes. A case has two: what is signed, and what is sent. A valid case signs what it sends.
 */
export interface Draft {
  /** Where the claim is; `none` for a request without one. */
  place: 'header' | 'query' | 'none'
  method: string
  path: string
  version: string
  /** All parameters except the signature, encoded. */
  query: Pair[]
  headers: Pair[]
  /** Names of the signed headers. */
  names: string[]
  /** The last line of the canonical request. */
  payload: string
  body: string | undefined
  algorithm: string
  credential: string
  scope: string
  /** The second line of the string to sign. */
  time: string
  key: readonly string[]
  signature: string
  /** The Authorization header, if it is not composed of the parts above. */
  authorization: string | undefined
  /** The target as sent, if it is not composed of path and query. */
  target: string | undefined
  /** The path and the query of the canonical request, if they differ from those above. */
  canonicalPath: string | undefined
  canonicalQuery: string | undefined
  /** Steps before the signature: the body, a policy. */
  before: Step[]
  /** Steps after the signature: chunks and the body. */
  after: Step[]
  /** Seconds that are added to every time. */
  offset: number
  /** Whether paths are normalized and encoded twice. */
  isService: boolean
}

export const SCOPE = '{{day}}/{{region}}/{{service}}/aws4_request'

export function cloneDraft(draft: Draft): Draft {
  return {
    ...draft,
    query: draft.query.map((pair) => [...pair]),
    headers: draft.headers.map((pair) => [...pair]),
    names: [...draft.names],
    before: [...draft.before],
    after: [...draft.after],
  }
}

function newDraft(place: Draft['place'], method: string, path: string): Draft {
  return {
    place,
    method,
    path,
    version: 'HTTP/1.1',
    query: [],
    headers: [['Host', '{{host}}']],
    names: ['host'],
    payload: 'UNSIGNED-PAYLOAD',
    body: undefined,
    algorithm: 'AWS4-HMAC-SHA256',
    credential: `{{accessKeyId}}/${SCOPE}`,
    scope: SCOPE,
    time: '{{time}}',
    key: KEY,
    signature: '{{signature}}',
    authorization: undefined,
    target: undefined,
    canonicalPath: undefined,
    canonicalQuery: undefined,
    before: [],
    after: [],
    offset: 0,
    isService: false,
  }
}

/** A request with an Authorization header. A body is signed. */
export function headerDraft(method: string, path: string, body?: string): Draft {
  const draft = newDraft('header', method, path)
  addHeader(draft, 'X-Amz-Date', '{{time}}')
  draft.before.push({ name: 'body', text: body ?? '' })
  addHeader(draft, 'X-Amz-Content-Sha256', '{{sha256 body}}')
  draft.payload = '{{sha256 body}}'
  if (body !== undefined) setBody(draft)
  return draft
}

/** A presigned request. */
export function queryDraft(method: string, path: string, body?: string): Draft {
  const draft = newDraft('query', method, path)
  draft.query = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', '{{uri accessKeyId}}%2F{{day}}%2F{{region}}%2F{{service}}%2Faws4_request'],
    ['X-Amz-Date', '{{time}}'],
    ['X-Amz-Expires', '900'],
    ['X-Amz-SignedHeaders', 'host'],
  ]
  if (body !== undefined) {
    draft.before.push({ name: 'body', text: body })
    setBody(draft)
  }
  return draft
}

function setBody(draft: Draft): void {
  draft.body = '{{body}}'
  draft.headers.push(['Content-Length', '{{length body}}'])
}

/** Adds a header and signs it. */
export function addHeader(draft: Draft, name: string, value: string): void {
  draft.headers.push([name, value])
  signNames(draft, [...new Set([...draft.names, name.toLowerCase()])].sort())
}

/** Sets the names of the signed headers, also in the query. */
export function signNames(draft: Draft, names: readonly string[]): void {
  draft.names = [...names]
  if (draft.place === 'query') setPair(draft.query, 'X-Amz-SignedHeaders', names.join('%3B'))
}

export function setPair(pairs: Pair[], name: string, value: string | undefined): void {
  const pair = pairs.find(([other]) => other === name)
  if (!pair) throw new Error(`${name} is missing`)
  pair[1] = value
}

export function pairValue(pairs: readonly Pair[], name: string): string {
  return pairs.find(([other]) => other === name)?.[1] ?? ''
}

export function removePair(pairs: Pair[], name: string): void {
  const index = pairs.findIndex(([other]) => other === name)
  if (index < 0) throw new Error(`${name} is missing`)
  pairs.splice(index, 1)
}

/** Returns the canonical request. */
export function canonical(draft: Draft): string {
  const { method, names, payload } = draft
  const path = draft.canonicalPath ?? (draft.isService ? normalizedPath(draft.path) : draft.path)
  const headers = [...new Set(names.filter((name) => name !== ''))].map((name) => {
    const values = draft.headers
      .filter(([other]) => other.toLowerCase() === name.toLowerCase())
      .map(([, value = '']) => value.trim().replace(/ +/g, ' '))
    return `${name}:${values.join(',')}\n`
  })
  return shift(
    draft,
    `${method}\n${path}\n${canonicalQuery(draft)}\n${headers.join('')}\n${names.join(';')}\n${payload}`,
  )
}

function canonicalQuery(draft: Draft): string {
  if (draft.canonicalQuery !== undefined) return draft.canonicalQuery
  const pairs = draft.query.map(([name, value = '']) => [name, value] as const)
  const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
  pairs.sort((one, other) => order(one[0], other[0]) || order(one[1], other[1]))
  return pairs.map((pair) => pair.join('=')).join('&')
}

/** Resolves empty and dot segments, and encodes a path again. */
function normalizedPath(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  const end = /\/\.{0,2}$/.test(path) && segments.length > 0 ? '/' : ''
  return `/${segments.join('/')}${end}`.replaceAll('%', '%25').replace('/{{path}}', '{{path}}')
}

function shift({ offset }: Draft, text: string): string {
  if (!offset) return text
  const sign = offset > 0 ? '+' : ''
  return text.replace(/\{\{(time|day|httpDate|iso)\}\}/g, `{{$1${sign}${offset}}}`)
}

/** Returns the steps of what is signed. */
export function steps(draft: Draft): Step[] {
  const key = draft.key.map((part) => shift(draft, part))
  const isDefault = key.join('\n') === KEY.join('\n')
  const text = shift(draft, `${draft.algorithm}\n${draft.time}\n${draft.scope}\n{{sha256 canonical}}`)
  const before = draft.before.map((step) =>
    'text' in step && 'name' in step ? { ...step, text: shift(draft, step.text) } : step,
  )
  return [
    ...before,
    { name: 'canonical', text: canonical(draft) },
    { name: 'signature', hmac: text, ...(!isDefault && { key }) },
    ...draft.after,
  ]
}

/** Returns the request to send. */
export function request(draft: Draft): string {
  const query = draft.query.map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
  if (draft.place === 'query' && draft.signature) query.push(`X-Amz-Signature=${draft.signature}`)
  const target = draft.target ?? draft.path + (query.length ? `?${query.join('&')}` : '')
  const headers = draft.headers.map(([name, value]) => `${name}: ${value}\r\n`)
  const authorization =
    draft.authorization ??
    (draft.place === 'header'
      ? `${draft.algorithm} Credential=${draft.credential}, SignedHeaders=${draft.names.join(';')}, Signature=${draft.signature}`
      : '')
  if (authorization) headers.push(`Authorization: ${authorization}\r\n`)
  const head = `${draft.method} ${target} ${draft.version}\r\n${headers.join('')}Connection: close\r\n\r\n`
  return shift(draft, head) + shift(draft, draft.body ?? '')
}
