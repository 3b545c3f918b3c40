import { KEY } from '../../format/fill.ts'
import type { Step, Texts } from '../../format/format.ts'
import type { Writer } from './builder.ts'
import { type Pair, SCOPE } from './draft.ts'

/** A form with a signed policy, as strings with holes. */
export interface FormDraft {
  target: string
  fields: Pair[]
  /** Fields after the file. */
  afterFile: Pair[]
  expiration: string
  /** Conditions as JSON. */
  conditions: string[]
  /** The policy, if it is not composed of the parts above. */
  policy: string | undefined
  /** The field policy, as sent. */
  sentPolicy: string | undefined
  /** More steps, for what is sent. */
  more: Step[]
  file: string
  filename: string
  type: string
  key: readonly string[]
  signature: string | undefined
}

/** Browsers send shorter boundaries; undici rejects boundaries under 27 characters. */
const BOUNDARY = 'form-boundary-0123456789abcdefgh'

const CREDENTIAL = `{{accessKeyId}}/${SCOPE}`

export function formDraft(): FormDraft {
  return {
    target: '{{path}}/',
    fields: [
      ['key', '{{prefix}}up.txt'],
      ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
      ['x-amz-credential', CREDENTIAL],
      ['x-amz-date', '{{time}}'],
    ],
    afterFile: [],
    expiration: '{{iso+3600}}',
    conditions: [
      '{"bucket":"{{bucket}}"}',
      '["starts-with","$key","{{prefix}}up"]',
      '{"x-amz-algorithm":"AWS4-HMAC-SHA256"}',
      `{"x-amz-credential":"${CREDENTIAL}"}`,
      '{"x-amz-date":"{{time}}"}',
    ],
    policy: undefined,
    sentPolicy: '{{policy}}',
    more: [],
    file: 'written',
    filename: 'cat.txt',
    type: 'text/plain',
    key: KEY,
    signature: '{{signature}}',
  }
}

function field([name, value = '']: Pair): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
}

const CLAIM = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date']

function fieldOf({ fields }: FormDraft, name: string): string {
  return fields.find(([other]) => other.toLowerCase() === name)?.[1] ?? ''
}

/** Returns whether the signature can be computed: the claim is complete, and of this algorithm and the known key. */
function hasClaim(sent: FormDraft): boolean {
  const [accessKeyId, ...scope] = fieldOf(sent, 'x-amz-credential').split('/')
  return (
    sent.signature !== undefined &&
    sent.sentPolicy !== undefined &&
    CLAIM.every((name) => fieldOf(sent, name) !== '') &&
    fieldOf(sent, 'x-amz-algorithm') === 'AWS4-HMAC-SHA256' &&
    accessKeyId === '{{accessKeyId}}' &&
    scope.length === 4 &&
    scope.every((part) => part !== '') &&
    scope.at(-1) === 'aws4_request'
  )
}

export const FORMS: Writer<FormDraft> = {
  clone: (draft) => ({
    ...draft,
    fields: draft.fields.map((pair) => [...pair]),
    afterFile: draft.afterFile.map((pair) => [...pair]),
    conditions: [...draft.conditions],
  }),
  write(signed, sent): Texts {
    const policy =
      signed.policy ?? `{"expiration":"${signed.expiration}","conditions":[${signed.conditions.join(',')}]}`
    const fields: Pair[] = [...sent.fields]
    if (sent.sentPolicy !== undefined) fields.push(['policy', sent.sentPolicy])
    if (sent.signature !== undefined) fields.push(['x-amz-signature', sent.signature])
    const file = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${sent.filename}"\r\nContent-Type: ${sent.type}\r\n\r\n${sent.file}\r\n`
    const body = `${fields.map(field).join('')}${file}${sent.afterFile.map(field).join('')}--${BOUNDARY}--\r\n`
    const isDefault = signed.key.join('\n') === KEY.join('\n')
    return {
      sign: [
        { name: 'policy', base64: policy },
        { name: 'signature', hmac: '{{policy}}', ...(!isDefault && { key: signed.key }) },
        ...sent.more,
        { name: 'body', text: body },
      ],
      send: `POST ${sent.target} HTTP/1.1\r\nHost: {{host}}\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: {{length body}}\r\nConnection: close\r\n\r\n{{body}}`,
    }
  },
  state(signed, sent) {
    if (!hasClaim(sent)) return 'none'
    // the key is derived for the scope that was sent
    const [, ...scope] = fieldOf(sent, 'x-amz-credential').split('/')
    const isSame = signed.key.join('\n') === [KEY[0], ...scope].join('\n') && sent.signature === '{{signature}}'
    return isSame && sent.sentPolicy === '{{policy}}' ? 'match' : 'mismatch'
  },
}
