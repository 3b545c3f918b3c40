import { createHash, createHmac, createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Group, Setting, SignatureState, Test } from '../format/format.ts'
import { TESTS } from './files.ts'
import { headerOf, type RawRequest, splitRequest } from './requests.ts'

// node:crypto computes the signature of each request from its bytes alone, without the code that created them.

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const sha256 = (text: string): string => createHash('sha256').update(latin1(text)).digest('hex')
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(latin1(text)).digest()
const encode = (text: string): string =>
  text.replace(/[^\w.~-]/g, (byte) => `%${latin1(byte).toString('hex').toUpperCase()}`)
const decode = (text: string): string =>
  text.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))

interface Claim {
  readonly algorithm: string
  readonly credential: string
  readonly names: readonly string[]
  readonly signature: string
  readonly date: string
  readonly isPresigned: boolean
  readonly query: readonly (readonly [string, string])[]
}

/** Reads the complete claims of a request, one in its query and one in its header. */
function readClaims(raw: RawRequest): Claim[] {
  const mark = `${raw.target}?`.indexOf('?')
  const pairs = raw.target
    .slice(mark + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      const decoded = [name, value.join('=')].map((text) => decode(text.replaceAll('+', ' ')))
      return [decoded[0]!, decoded[1]!] as const
    })
  const authorizations = raw.headers.filter(([name]) => name.toLowerCase() === 'authorization')
  const parameters = pairs.filter(([name]) =>
    /^X-Amz-(?:Algorithm|Credential|Date|Expires|SignedHeaders|Signature)$/.test(name),
  )
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) return []
  const claims: Claim[] = []
  if (parameters.length === 6) {
    const value = (name: string): string => parameters.find(([other]) => other === `X-Amz-${name}`)![1]
    const query = pairs.filter(([name]) => name !== 'X-Amz-Signature')
    const names = value('SignedHeaders').split(';')
    claims.push({
      algorithm: value('Algorithm'),
      credential: value('Credential'),
      names,
      signature: value('Signature'),
      date: value('Date'),
      isPresigned: true,
      query,
    })
  }
  if (authorizations.length !== 1) return claims
  const [, algorithm = '', rest = ''] = /^(\S+) (.*)$/.exec(authorizations[0]![1]) ?? []
  const parts = rest.split(', ').map((part) => /^(Credential|SignedHeaders|Signature)=(.*)$/.exec(part))
  const found = new Map(parts.map((part) => [part?.[1], part?.[2] ?? '']))
  if (parts.length !== 3 || found.size !== 3 || found.has(undefined)) return claims
  const httpDate = headerOf(raw, 'date')
  const date = headerOf(raw, 'x-amz-date') ?? (httpDate && toAmzDate(new Date(httpDate))) ?? ''
  const names = found.get('SignedHeaders')!.split(';')
  return [
    ...claims,
    {
      algorithm,
      credential: found.get('Credential')!,
      names,
      signature: found.get('Signature')!,
      date,
      isPresigned: false,
      query: pairs,
    },
  ]
}

function toAmzDate(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** S3 decodes a path to a key, in which a plus sign was a space, and encodes the key, except for its slashes. */
function s3Uri(path: string): string {
  return decode(path.replaceAll('+', ' ')).split('/').map(encode).join('/')
}

/** Other services resolve empty and dot segments, and encode the path as sent once more. */
function normalizedUri(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/').map((segment) => encode(decode(segment))))
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(encode(segment))
  return `/${segments.join('/')}`
}

function canonicalRequest(raw: RawRequest, claim: Claim, isS3: boolean): string {
  const path = raw.target.replace(/^https?:\/\/[^/]*/, '').split('?')[0]!
  const uri = isS3 ? s3Uri(path) : normalizedUri(path)
  const pairs = claim.query.map((pair) => pair.map(encode))
  pairs.sort(([a = '', b = ''], [c = '', d = '']) => (a === c ? (b < d ? -1 : 1) : a < c ? -1 : 1))
  const headers = claim.names.map((name) => {
    const values = raw.headers
      .filter(([other]) => other.toLowerCase() === name)
      .map(([, value]) => value.replace(/ +/g, ' '))
    return `${name}:${values.join(',')}\n`
  })
  const stated =
    claim.query.find(([name]) => name === 'X-Amz-Content-Sha256')?.[1] ?? headerOf(raw, 'x-amz-content-sha256')
  const { isPresigned } = claim
  const isSigned =
    !isPresigned ||
    claim.names.includes('x-amz-content-sha256') ||
    claim.query.some(([name]) => name === 'X-Amz-Content-Sha256')
  const payload = (isSigned ? stated : undefined) ?? (isS3 ? (isPresigned ? 'UNSIGNED-PAYLOAD' : '') : sha256(raw.body))
  return [
    raw.method,
    uri,
    pairs.map((pair) => pair.join('=')).join('&'),
    headers.join(''),
    claim.names.join(';'),
    payload,
  ].join('\n')
}

function keyOf(setting: Setting, scope: readonly string[]): Buffer {
  return scope.reduce((key, part) => hmac(key, part), latin1(`AWS4${setting.secretAccessKey}`))
}

/** Returns the public key of Signature Version 4a, which node:crypto computes from the private one. */
function publicKey({ accessKeyId, secretAccessKey }: Setting) {
  const input = `\0\0\0\x01AWS4-ECDSA-P256-SHA256\0${accessKeyId}\x01\0\0\x01\0`
  const scalar = (BigInt(`0x${hmac(latin1(`AWS4A${secretAccessKey}`), input).toString('hex')}`) + 1n).toString(16)
  const der = Buffer.from(
    `3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420${scalar.padStart(64, '0')}`,
    'hex',
  )
  return createPublicKey(
    createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }),
  )
}

/** One claim that matches is enough: a verifier may read only that one. */
function stateOfRequest(raw: RawRequest, setting: Setting): SignatureState {
  const states = readClaims(raw).map((claim) => stateOfClaim(raw, claim, setting))
  return states.find((state) => state === 'match') ?? states[0] ?? 'none'
}

function stateOfClaim(raw: RawRequest, claim: Claim, setting: Setting): SignatureState {
  const { algorithm, credential, names, signature, date } = claim
  const [accessKeyId, ...scope] = credential.split('/')
  const isV4a = algorithm === 'AWS4-ECDSA-P256-SHA256'
  const length = isV4a ? 3 : 4
  const isComplete = scope.length === length && scope.every((part) => part !== '') && accessKeyId !== ''
  if (!isComplete || (algorithm !== 'AWS4-HMAC-SHA256' && !isV4a) || scope.at(-1) !== 'aws4_request') return 'none'
  const isReadable =
    /^\d{8}T\d{6}Z$/.test(date) &&
    names.every((name) => /^[a-z\d-]+$/.test(name)) &&
    new Set(names).size === names.length
  if (!isReadable || (setting.service === 's3' && !isPayloadKnown(raw, claim))) return 'none'
  if (!/^(?:https?:\/\/[^/@]*)?\/[^#\\ ]*$/.test(raw.target) || /^https?:\/\/(?!s3\.)/.test(raw.target)) return 'none'
  const toSign = [
    algorithm,
    date,
    scope.join('/'),
    sha256(canonicalRequest(raw, claim, setting.service === 's3')),
  ].join('\n')
  if (accessKeyId !== setting.accessKeyId) return 'none'
  if (isV4a)
    return verify('sha256', latin1(toSign), publicKey(setting), Buffer.from(signature, 'hex')) ? 'match' : 'mismatch'
  return hmac(keyOf(setting, scope), toSign).toString('hex') === signature ? 'match' : 'mismatch'
}

function isPayloadKnown(raw: RawRequest, { isPresigned }: Claim): boolean {
  return headerOf(raw, 'x-amz-content-sha256') !== undefined || isPresigned
}

/** A form has a claim if it is complete, unambiguous, and of Signature Version 4: as a header or a URL. */
function stateOfForm(raw: RawRequest, setting: Setting): SignatureState {
  const boundary = raw.body.slice(0, raw.body.indexOf('\r\n'))
  const parts = raw.body.split(boundary).slice(1)
  const file = parts.findIndex((part) => /; name="file"/i.test(part))
  // what follows the file is not a part of the form
  const fields = parts.slice(0, file).map((part) => {
    const [, name = '', value = ''] = /; name="([^"]*)"\r\n\r\n(.*)\r\n$/s.exec(part) ?? []
    return [name.toLowerCase(), value] as const
  })
  const claim = ['policy', 'x-amz-credential', 'x-amz-date', 'x-amz-algorithm', 'x-amz-signature'].map((name) =>
    fields.filter(([other]) => other === name).map(([, value]) => value),
  )
  if (claim.some(({ length }) => length !== 1)) return 'none'
  const [policy, credential, date, algorithm, signature] = claim.map(([value]) => value!) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const [accessKeyId, ...scope] = credential.split('/')
  const isComplete = scope.length === 4 && scope.every((part) => part !== '') && scope.at(-1) === 'aws4_request'
  if (!isComplete || algorithm !== 'AWS4-HMAC-SHA256' || !/^\d{8}T\d{6}Z$/.test(date)) return 'none'
  if (accessKeyId !== setting.accessKeyId) return 'none'
  return hmac(keyOf(setting, scope), policy).toString('hex') === signature ? 'match' : 'mismatch'
}

function stateOf({ http }: Test, { profile, setting }: Group): SignatureState {
  const sent = splitRequest(http)
  const raw = profile === 'events' ? { ...sent, body: '' } : sent // the stream follows the request
  return /multipart\/form-data/.test(headerOf(raw, 'content-type') ?? '')
    ? stateOfForm(raw, setting)
    : stateOfRequest(raw, setting)
}

it.each(TESTS.map(([test, group]) => [test.id, test, group] as const))('%s', (_, test, group) => {
  expect(stateOf(test, group)).toBe(test.signature)
})

/** Names that mean something different in a form. */
const OTHER_IN_FORMS: Readonly<Record<string, string>> = {
  'names-uppercase': 'the names of fields, not of headers',
  'added-token': 'only the policy is signed, and not the fields',
}

it('is the same for the same fault in a header, a URL, and a form', () => {
  const states = new Map<string, Set<SignatureState>>()
  const names: string[] = []
  for (const [{ id, signature }] of TESTS) {
    const [, place = '', name = ''] = /^(header|presigned|post)\/(.+)$/.exec(id) ?? []
    if (place === '' || (place === 'post' && name in OTHER_IN_FORMS)) continue
    names.push(name)
    states.set(name, (states.get(name) ?? new Set()).add(signature))
  }
  expect(names.length - states.size).toBeGreaterThan(60)
  expect([...states].flatMap(([name, { size }]) => (size > 1 ? [name] : []))).toEqual([])
})
