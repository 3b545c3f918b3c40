import { Agent, request as httpRequest } from 'node:http'
import { KEY_ID, SECRET } from '../credentials.ts'
import { type Handmade, type Reply, readReply } from '../hand.ts'
import { ALGORITHM, amzDateOf, base64, signatureOf } from '../oracle.ts'

// Forms signed by the oracle, their bytes as sent, and an independent evaluator of policies.

export const NOW = Date.UTC(2026, 10, 25, 12)
export const BUCKET = 'photos'

export type Pair = [name: string, value: string]

export interface FormDraft {
  /** Instead of the default conditions on fields. */
  conditions?: unknown[]
  /** Instead of the default fields. */
  fields?: Pair[]
  /** The JSON of the policy, instead of the default. */
  json?: string
  /** Encodes the JSON to sign and send. Default: base64. */
  encode?: (json: string) => string
  expiration?: string
  /** Epoch milliseconds. */
  time?: number
  keyId?: string
  secret?: string
  region?: string
  service?: string
  token?: string
  /** Sent instead of the signed credential. */
  credential?: string
}

export const CONDITIONS = [
  { bucket: BUCKET },
  ['starts-with', '$key', 'user/ann/'],
  ['starts-with', '$Content-Type', 'image/'],
  { acl: 'private' },
  ['starts-with', '$x-amz-meta-note', ''],
  ['content-length-range', 1, 1000],
]

export const FIELDS: Pair[] = [
  ['key', 'user/ann/cat.png'],
  ['Content-Type', 'image/png'],
  ['acl', 'private'],
  ['x-amz-meta-note', 'a note'],
]

/** Returns the fields of a signed form. */
export function signedForm(draft: FormDraft = {}): Pair[] {
  const { time = NOW, keyId = KEY_ID, region = 'us-east-1', service = 's3', secret = SECRET, token } = draft
  const date = amzDateOf(time)
  const scope = [date.slice(0, 8), region, service, 'aws4_request'].join('/')
  const signing: Pair[] = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', draft.credential ?? `${keyId}/${scope}`],
    ['X-Amz-Date', date],
  ]
  if (token !== undefined) signing.push(['X-Amz-Security-Token', token])
  const json =
    draft.json ??
    JSON.stringify({
      expiration: draft.expiration ?? new Date(time + 600_000).toISOString(),
      conditions: [...(draft.conditions ?? CONDITIONS), ...signing.map(([name, value]) => ({ [name]: value }))],
    })
  const policy = (draft.encode ?? base64)(json)
  return [
    ...(draft.fields ?? FIELDS),
    ...signing,
    ['Policy', policy],
    ['X-Amz-Signature', signatureOf(secret, scope, policy)],
  ]
}

/** Replaces or removes a field, in any position. */
export function replaced(pairs: readonly Pair[], name: string, value?: string): Pair[] {
  return pairs.flatMap(([given, old]): Pair[] =>
    given.toLowerCase() !== name.toLowerCase() ? [[given, old]] : value === undefined ? [] : [[given, value]],
  )
}

/** Returns table cases with ASCII titles, because terminals interpret some of the characters. */
export function titled<Value>(cases: readonly Value[]): [title: string, value: Value][] {
  const ascii = (text: string) => text.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return cases.map((value) => [ascii(`${JSON.stringify(value)}`), value])
}

/** The part at which S3 stops reading. */
export const file = (): Pair => ['file', 'x'.repeat(10)]

/** Changes of a field, by title: the pairs that replace it. */
export const CHANGES: Record<string, (name: string, value: string) => Pair[]> = {
  dropped: () => [],
  emptied: (name) => [[name, '']],
  'sent twice': (name, value) => [
    [name, value],
    [name, value],
  ],
  'sent twice, in a different case': (name, value) => [
    [name.toLowerCase(), value],
    [name.toUpperCase(), value],
  ],
  'preceded by a different value': (name, value) => [
    [name, 'evil'],
    [name, value],
  ],
  'followed by a different value': (name, value) => [
    [name, value],
    [name, 'evil'],
  ],
  'followed by an empty value in a different case': (name, value) => [
    [name, value],
    [name.toUpperCase(), ''],
  ],
  'longer at the end': (name, value) => [[name, `${value}x`]],
  'longer at the start': (name, value) => [[name, `x${value}`]],
  'shorter at the end': (name, value) => [[name, value.slice(0, -1)]],
  'shorter at the start': (name, value) => [[name, value.slice(1)]],
  'in uppercase': (name, value) => [[name, value.toUpperCase()]],
  'preceded by a space': (name, value) => [[name, ` ${value}`]],
  'followed by a space': (name, value) => [[name, `${value} `]],
  'followed by a line break': (name, value) => [[name, `${value}\r\n`]],
  'followed by NUL': (name, value) => [[name, `${value}\0`]],
  'percent-encoded': (name, value) => [[name, encodeURIComponent(value).replace(/\w/, (c) => `%${c.charCodeAt(0)}`)]],
  'in full-width letters': (name, value) => [
    [name, value.replace(/[a-z]/g, (c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0))],
  ],
  'a list': (name, value) => [[`${name}[]`, value]],
  'under a name with a space': (name, value) => [[`${name} `, value]],
  'under a name after a space': (name, value) => [[` ${name}`, value]],
  'under a name with NUL': (name, value) => [[`${name}\0`, value]],
  'under a name with a zero-width space': (name, value) => [[`${name}\u200b`, value]],
  'under a name with a byte order mark': (name, value) => [[`\ufeff${name}`, value]],
  'under an ignored name': (name, value) => [[`x-ignore-${name}`, value]],
  'after the file': (name, value) => [file(), [name, value]],
}

/** The context of a form. */
export interface Facts {
  bucket?: string
  size: number
  filename?: string | undefined
  now?: number
  secret?: string
  region?: string
}

const lower = (name: string) => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Returns the values of a form by lowercase name; throws if it can be read in two ways, or has control characters. */
function valuesOf(pairs: Iterable<readonly [string, unknown]>, filename?: string): Map<string, string> {
  const values = new Map<string, string>()
  const base = filename?.split(/[/\\]/).pop()
  for (const [name, value] of pairs) {
    const field = lower(name)
    if (field === 'file') break
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
    const text = base === undefined ? `${value}` : `${value}`.split('${filename}').join(base)
    if (values.has(field)) throw new Error(`two fields named ${field}`)
    const read = field === 'policy' ? text.replace(/[\r\n]/g, '') : text
    for (const character of field + read) if (isUnsafe(character)) throw new Error(`unsafe: ${JSON.stringify(text)}`)
    values.set(field, text)
  }
  return values
}

/** Whether a character is a control character other than a tab, or a lone surrogate. */
export function isUnsafe(character: string): boolean {
  const point = character.codePointAt(0)!
  return (point < 32 && point !== 9) || point === 127 || (point >= 0xd800 && point <= 0xdfff)
}

/** The values of a form; nothing if a reader could disagree. */
function unambiguous(pairs: Iterable<readonly [string, unknown]>, filename?: string): Map<string, string> {
  try {
    return valuesOf(pairs, filename)
  } catch {
    return new Map()
  }
}

/** Whether the key of `facts.secret` signed the policy of a form. */
export function isSigned(pairs: Iterable<readonly [string, unknown]>, facts: Partial<Facts> = {}): boolean {
  const values = unambiguous(pairs)
  const get = (name: string) => values.get(name) ?? ''
  const [id, day, region, service, end, more] = get('x-amz-credential').split('/')
  const right = signatureOf(facts.secret ?? SECRET, [`${day}`, `${region}`, `${service}`, `${end}`], get('policy'))
  const isRight = get('x-amz-signature').toLowerCase() === right
  const isScope =
    end === 'aws4_request' && more === undefined && service === 's3' && (facts.region ?? region) === region
  const isDay = get('x-amz-algorithm') === ALGORITHM && get('x-amz-date').slice(0, 8) === day
  return isRight && isScope && isDay && id === KEY_ID
}

/** Whether the policy of a form allows it, as documented by S3. */
export function allows(pairs: Iterable<readonly [string, unknown]>, facts: Facts): boolean {
  const { bucket = BUCKET, size, filename, now = NOW } = facts
  const values = unambiguous(pairs, filename)
  try {
    const policy = JSON.parse(Buffer.from(values.get('policy') ?? '', 'base64').toString())
    const conditions: [string, string, string][] = policy.conditions.map((item: object) =>
      Array.isArray(item) ? item : ['eq', `$${Object.keys(item)[0]}`, Object.values(item)[0]],
    )
    if (!(Date.parse(policy.expiration) >= now) || !values.get('key')) return false
    if ((values.get('bucket') ?? bucket) !== bucket) return false
    const covered = new Set(conditions.map(([, field]) => lower(`${field}`).slice(1)))
    for (const name of values.keys())
      if (!covered.has(name) && !/^(?:policy|x-amz-signature|x-ignore-.*)$/.test(name)) return false
    values.set('bucket', bucket)
    return conditions.every(([operator, field, wanted]) => {
      if (lower(operator) === 'content-length-range') return size >= Number(field) && size <= Number(wanted)
      const value = values.get(lower(field).slice(1))
      if (value === undefined || !field.startsWith('$')) return false
      if (lower(operator) === 'eq') return value === `${wanted}`
      const isList = lower(field) === '$content-type' && value.includes(',')
      const all = isList ? value.split(',').map((type) => type.trim()) : [value]
      return lower(operator) === 'starts-with' && all.every((one) => one.startsWith(`${wanted}`))
    })
  } catch {
    return false // Not a policy.
  }
}

/** A part of a form, as sent. */
export function part(name: string, value: string | Uint8Array, filename?: string): Buffer {
  const file = filename === undefined ? '' : `; filename="${filename}"`
  return Buffer.concat([
    Buffer.from(`--limit\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
    Buffer.from(value as string),
    Buffer.from('\r\n'),
  ])
}

/** The body of a form: its fields, a file, and what comes after the file. */
export function multipart(pairs: readonly Pair[], file: string | Uint8Array = 'a file', after: Buffer[] = []): Buffer {
  const fields = pairs.map(([name, value]) => part(name, value, name === 'file' ? 'cat.png' : undefined))
  return Buffer.concat([...fields, part('file', file, 'cat.png'), ...after, Buffer.from('--limit--\r\n')])
}

export const FORM_TYPE = 'multipart/form-data; boundary=limit'

/** A form as an HTTP request. */
export function formRequest(host: string, body: Uint8Array, headers: Record<string, string> = {}, target = '/photos') {
  return {
    method: 'POST',
    target,
    headers: { host, 'content-type': FORM_TYPE, 'content-length': String(body.length), ...headers },
    body,
  }
}

const agent = new Agent({ keepAlive: true })

/** Sends a request on a persistent connection, so that thousands of attacks take seconds. */
export function sendKept(port: number, request: Handmade, isSecond = false): Promise<Reply> {
  const { method, target, headers, body } = request
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path: target, headers, setHost: false, agent })
    sent.on('error', (error) => {
      // The server may close an idle connection when it is used again.
      if (isSecond || !sent.reusedSocket) reject(error)
      else resolve(sendKept(port, request, true))
    })
    sent.on('response', (response) => readReply(response).then(resolve, reject))
    sent.end(body)
  })
}
