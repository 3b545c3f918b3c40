import { base64, encode, hmacHex, signingFields, signingKey } from '../../../../../../test/support/oracle.ts'
import { type Pair, type Produced, type Scene, type Signer, signerOf, toRequest } from './signing.ts'

// An upload by a form: a policy that is signed as it is, in base64, and fields that it speaks of.

export type Condition = Record<string, string> | [string, string, string] | [string, number, number]

/** What a page puts into its form before the policy is made. */
export interface Form extends Signer {
  /** What is sent, apart from the fields of the signature. */
  fields: Pair[]
  file: { name: string; type: string; content: Buffer }
  /** What the policy says beyond the fields of the signature. */
  conditions: Condition[]
  expiration: string
  bucket: string
  /** The bucket that it is sent to. */
  sentTo: string
}

export interface FormBase {
  name: string
  key: string
  fields?: Pair[]
  /** Instead of a condition for each field. */
  conditions?: Condition[]
  content?: string | Buffer
  token?: boolean
}

/** How a form, or who fills it in, goes wrong. */
export interface FormHooks {
  client?(form: Form, scene: Scene): void
  /** The policy before it is written down, and as it is signed. */
  policy?(policy: Record<string, unknown>): void
  text?(base64: string): string
  key?(form: Form): Buffer
  signature?(signature: string, form: Form, policy: string): string
  /** The fields after signing, `file` not among them. */
  sent?(fields: Pair[], scene: Scene, form: Form): void
  /** Removes the file, or moves fields after it. */
  file?: 'missing' | 'first' | 'misnamed'
}

const BOUNDARY = '----WebKitFormBoundaryrecordedrecorded'
const HOUR = 3_600_000

const conditionsOf = (fields: Pair[]): Condition[] => fields.map(([name, value]) => ({ [name]: value }))

function begin(scene: Scene, base: FormBase): Form {
  const fields: Pair[] = [['key', base.key], ...(base.fields ?? [])]
  return {
    ...signerOf(scene, base),
    fields,
    file: { name: 'photo.txt', type: 'text/plain', content: Buffer.from(base.content ?? 'content of the file\n') },
    conditions: base.conditions ?? conditionsOf(fields),
    expiration: new Date(scene.now + HOUR).toISOString(),
    bucket: scene.bucket,
    sentTo: scene.bucket,
  }
}

/** Makes the request that a browser would make of such a form. */
export function produceForm(scene: Scene, base: FormBase, hooks: FormHooks = {}): Produced {
  const form = begin(scene, base)
  hooks.client?.(form, scene)
  const { credentials, algorithm, amzDate } = form
  const scope = [form.scopeDate, form.region, form.service, form.terminator]
  const credential = [credentials.accessKeyId, ...scope].join('/')
  const signing: Pair[] = signingFields({ algorithm, credential, amzDate, sessionToken: credentials.sessionToken })
  const policy: Record<string, unknown> = {
    expiration: form.expiration,
    conditions: [{ bucket: form.bucket }, ...form.conditions, ...conditionsOf(signing)],
  }
  hooks.policy?.(policy)
  const written = base64(JSON.stringify(policy))
  const text = hooks.text?.(written) ?? written
  const right = hmacHex(hooks.key?.(form) ?? signingKey(credentials.secretAccessKey, scope), text)
  const fields: Pair[] = [
    ...form.fields,
    ...signing,
    ['policy', text],
    ['x-amz-signature', hooks.signature?.(right, form, text) ?? right],
  ]
  hooks.sent?.(fields, scene, form)

  const part = (disposition: string, content: string | Buffer, type?: string) =>
    Buffer.concat([
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n`),
      Buffer.from(type ? `Content-Type: ${type}\r\n\r\n` : '\r\n'),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ])
  const { name, type, content } = form.file
  const file = part(`name="${hooks.file === 'misnamed' ? 'upload' : 'file'}"; filename="${name}"`, content, type)
  const parts = fields.map(([field, value]) => part(`name="${field}"`, value))
  if (hooks.file === 'first') parts.unshift(file)
  else if (hooks.file !== 'missing') parts.push(file)

  const request = toRequest({
    method: 'POST',
    path: `/${encode(form.sentTo)}`,
    query: [],
    separator: '&',
    headers: [
      ['Host', scene.host],
      ['Content-Type', `multipart/form-data; boundary=${BOUNDARY}`],
    ],
    body: Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]),
  })
  return { request, signed: { stringToSign: text } }
}
