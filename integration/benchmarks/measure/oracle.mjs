// Checks signatures with node:crypto alone, so that nothing is timed that signs incorrectly.
import { createHash, createHmac } from 'node:crypto'
import {
  credentials,
  EXPIRES,
  HOST,
  KEYS,
  OTHER_HOST,
  pathOf,
  REGION,
  TABLE_BODY,
  TABLE_HOST,
  TYPE,
} from './fixture.mjs'

export const sha256 = (data) => createHash('sha256').update(data).digest('hex')
export const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
export const signingKey = (scope) =>
  scope.split('/').reduce((key, part) => hmac(key, part), `AWS4${credentials.secretAccessKey}`)
const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** Header names in lowercase; accepts records, `Headers` and lists of pairs. */
const plainHeaders = (headers) =>
  Object.fromEntries(
    (typeof headers?.[Symbol.iterator] === 'function' ? [...headers] : Object.entries(headers ?? {})).map(
      ([name, value]) => [name.toLowerCase(), String(value)],
    ),
  )

/** Returns whether the signature of a request is correct, in the header or in the query. */
export function isSigned({ method, host, path, headers, payloadHash }) {
  const sent = { host, ...plainHeaders(headers) }
  const [pathname, search = ''] = path.split('?')
  const params = search ? search.split('&').map((pair) => pair.split('=').map(decodeURIComponent)) : []
  const query = Object.fromEntries(params)
  const header = /Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(sent.authorization ?? '')
  const [id, scope, names, signature] = query['X-Amz-Signature']
    ? [...query['X-Amz-Credential'].split(/\/(.*)/s, 2), query['X-Amz-SignedHeaders'], query['X-Amz-Signature']]
    : (header?.slice(1) ?? [])
  if (id !== credentials.accessKeyId) return false
  const canonicalQuery = params
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.map(encode).join('='))
    .sort()
    .join('&')
  const lines = names.split(';').map((name) => `${name}:${sent[name]}`)
  const canonicalRequest = [method, pathname, canonicalQuery, ...lines, '', names, payloadHash].join('\n')
  const date = query['X-Amz-Date'] ?? sent['x-amz-date']
  const stringToSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonicalRequest)}`
  return hmac(signingKey(scope), stringToSign).toString('hex') === signature
}

/** Checks a presigned PUT of a key. */
export function isPresigned(url, key, { region = REGION, type = TYPE } = {}) {
  const { host, pathname, search, searchParams } = new URL(url)
  if (
    (host !== HOST && host !== OTHER_HOST) ||
    pathname !== pathOf(key) ||
    searchParams.get('X-Amz-Expires') !== String(EXPIRES)
  )
    return false
  if (searchParams.get('X-Amz-Credential').split('/')[2] !== region) return false
  const headers = { 'content-type': type }
  return isSigned({ method: 'PUT', host, path: pathname + search, headers, payloadHash: 'UNSIGNED-PAYLOAD' })
}

/** Checks the fields of a form: the signature of the policy, and that the policy contains the key. */
export function isForm(fields, key) {
  const form = plainHeaders(fields)
  const [, scope] = /^[^/]+\/(.+)$/.exec(form['x-amz-credential'])
  const { conditions } = JSON.parse(Buffer.from(form.policy, 'base64').toString())
  return (
    JSON.stringify(conditions).includes(JSON.stringify(key)) &&
    hmac(signingKey(scope), form.policy).toString('hex') === form['x-amz-signature']
  )
}

const header = (method, host, path, payloadHash) => (headers) => isSigned({ method, host, path, headers, payloadHash })

/** The check of call 1 of each task. */
export const checks = {
  put: (url) => isPresigned(url, KEYS[1]),
  options: (url) => isPresigned(url, KEYS[1]),
  second: (url) => isPresigned(url, KEYS[1]),
  object: (url) => isPresigned(url, KEYS[1]),
  cold: (url) => isPresigned(url, KEYS[1], { region: 'eu-region-1' }),
  inline: (url) => isPresigned(url, KEYS[1]),
  provider: (url) => isPresigned(url, KEYS[1]),
  inlineJson: header('POST', TABLE_HOST, '/', sha256(TABLE_BODY)),
  headerPut: header('PUT', HOST, pathOf(KEYS[1]), 'UNSIGNED-PAYLOAD'),
  headerJson: header('POST', TABLE_HOST, '/', sha256(TABLE_BODY)),
  form: (fields) => isForm(fields, KEYS[1]),
}
