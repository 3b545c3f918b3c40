import { fail } from '../core/errors.ts'
import { deriveSigningKey, type HmacKey, hmacKey, sha256Hex } from '../crypto/sha256.ts'
import type { Credentials } from './request.ts'

/** The latest signing key of a credentials object, with its secret and scope. */
interface Last {
  readonly secret: unknown
  readonly date: string
  readonly region: string
  readonly service: string
  readonly key: HmacKey
}

const latest = /* @__PURE__ */ new WeakMap<object, Last>()

// Credentials that are created for each call or read from the environment cannot be cached by object. Their keys are
// cached by a hash, so that no secret is stored here.
const byHash = /* @__PURE__ */ new Map<string, HmacKey>()
const MAX_KEYS = 1000

/** Returns the key for a day, a region and a service, derived or cached. */
export function signingKey(credentials: Credentials, date: string, region: string, service: string): HmacKey {
  const secret: unknown = credentials.secretAccessKey
  const last = latest.get(credentials)
  if (last && last.secret === secret && last.date === date && last.region === region && last.service === service)
    return last.key
  for (const [name, value] of Object.entries({ region, service }))
    if (typeof value !== 'string') fail('ERR_INVALID_ARG_TYPE', `request.${name}`, 'type', 'Pass a string.')
  const secretText = `${secret}`
  const hash = sha256Hex(JSON.stringify([secretText, date, region, service]))
  let key = byHash.get(hash)
  if (!key) {
    if (byHash.size >= MAX_KEYS) byHash.delete(byHash.keys().next().value!)
    // a part may contain a slash: not a valid credential scope, but aws4 signs for it
    key = hmacKey(deriveSigningKey(secretText, [date, region, service, 'aws4_request']))
    byHash.set(hash, key)
  }
  if (typeof credentials === 'object') latest.set(credentials, { secret, date, region, service, key })
  return key
}
