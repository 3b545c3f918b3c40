import { KEY } from '../../../../suite/format/fill.ts'
import type { Texts } from '../../../../suite/format/format.ts'

/** Valid requests with which the audit prepares its tests, reads what they did, and deletes what is left; and wrong ones. */
export interface Controls {
  readonly put: Texts
  readonly get: Texts
  readonly remove: Texts
  readonly list: Texts
  /** The same read, signed with a wrong key in the header and in the query: some servers verify only one of them. */
  readonly wrong: readonly Texts[]
}

/** Values of the controls, in addition to those of a setting. */
export interface ControlValues {
  /** Percent-encoded. */
  readonly key?: string
  readonly content?: string
  /** Start of the keys to list. */
  readonly start?: string
}

const SCOPE = '{{day}}/{{region}}/{{service}}/aws4_request'
const TO_SIGN = `AWS4-HMAC-SHA256\n{{time}}\n${SCOPE}\n{{sha256 canonical}}`
const WRONG_KEY = KEY.map((part, i) => (i === 0 ? `${part}wrong` : part))

const OBJECT = '{{path}}/{{key}}'

export function createControls(hasToken: boolean): Controls {
  /** Signs with an Authorization header. */
  const signed = (method: string, path: string, query = '', body?: string): Texts => {
    const token = hasToken ? 'x-amz-security-token:{{sessionToken}}\n' : ''
    const names = `host;x-amz-content-sha256;x-amz-date${hasToken ? ';x-amz-security-token' : ''}`
    const headers = [
      'Host: {{host}}',
      'X-Amz-Date: {{time}}',
      'X-Amz-Content-Sha256: {{sha256 body}}',
      ...(body === undefined ? [] : ['Content-Length: {{length body}}']),
      ...(hasToken ? ['X-Amz-Security-Token: {{sessionToken}}'] : []),
      `Authorization: AWS4-HMAC-SHA256 Credential={{accessKeyId}}/${SCOPE}, SignedHeaders=${names}, Signature={{signature}}`,
      'Connection: close',
    ]
    return {
      sign: [
        { name: 'body', text: body ?? '' },
        {
          name: 'canonical',
          text: `${method}\n${path}\n${query}\nhost:{{host}}\nx-amz-content-sha256:{{sha256 body}}\nx-amz-date:{{time}}\n${token}\n${names}\n{{sha256 body}}`,
        },
        { name: 'signature', hmac: TO_SIGN },
      ],
      send: `${method} ${path}${query && `?${query}`} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body === undefined ? '' : '{{body}}'}`,
    }
  }
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    '&X-Amz-Credential={{uri accessKeyId}}%2F{{day}}%2F{{region}}%2F{{service}}%2Faws4_request',
    '&X-Amz-Date={{time}}&X-Amz-Expires=900',
    ...(hasToken ? ['&X-Amz-Security-Token={{uri sessionToken}}'] : []),
    '&X-Amz-SignedHeaders=host',
  ].join('')
  const presigned: Texts = {
    sign: [
      { name: 'canonical', text: `GET\n${OBJECT}\n${query}\nhost:{{host}}\n\nhost\nUNSIGNED-PAYLOAD` },
      { name: 'signature', hmac: TO_SIGN },
    ],
    send: `GET ${OBJECT}?${query}&X-Amz-Signature={{signature}} HTTP/1.1\r\nHost: {{host}}\r\nConnection: close\r\n\r\n`,
  }
  const get = signed('GET', OBJECT)
  const withWrongKey = ({ sign, send }: Texts): Texts => ({
    sign: sign.map((step) => ('hmac' in step ? { ...step, key: WRONG_KEY } : step)),
    send,
  })
  return {
    put: signed('PUT', OBJECT, '', '{{content}}'),
    get,
    remove: signed('DELETE', OBJECT),
    list: signed('GET', '{{path}}/', 'list-type=2&max-keys=1000&prefix={{uri start}}'),
    wrong: [withWrongKey(get), withWrongKey(presigned)],
  }
}
