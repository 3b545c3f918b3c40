import { equal, refused } from '../harness.ts'
import type { Case, Signer } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const photo = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
const url = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'

type Options = Record<string, unknown>

/** Invalid arguments, and the expected errors. */
const REFUSED: [code: string, what: string, target: unknown, options: Options][] = [
  ['ERR_INVALID_ARG_TYPE', 'no target', undefined, {}],
  ['ERR_INVALID_ARG_VALUE', 'a symbol for expires', photo, { expires: Symbol('x') }],
  ['ERR_INVALID_ARG_VALUE', 'an invalid bucket name', { ...photo, bucket: 'a/b' }, {}],
  ['ERR_INVALID_ARG_VALUE', 'a lone surrogate', { ...photo, key: 'a\ud800' }, {}],
  ['ERR_INVALID_ARG_VALUE', 'a lone surrogate in the query', photo, { query: { a: '\udc00' } }],
  ['ERR_INVALID_ARG_VALUE', 'a content type of a download', photo, { contentType: 'image/jpeg' }],
  ['ERR_INVALID_ARG_VALUE', 'an empty time', photo, { now: Number.NaN }],
  ['ERR_INVALID_ARG_VALUE', 'the year 10000', photo, { now: 253_402_300_800_000 }],
  ['ERR_SIGV4_CREDENTIALS_MISSING', 'no credentials', photo, { credentials: undefined }],
  ['ERR_INVALID_ARG_VALUE', 'a secret with a space', photo, { credentials: { ...credentials, secretAccessKey: 'a ' } }],
  [
    'ERR_SIGV4_CREDENTIALS_MISSING',
    'ASIA without a token',
    photo,
    { credentials: { ...credentials, accessKeyId: 'ASIAX' } },
  ],
  ['ERR_SIGV4_SCOPE_UNKNOWN', 'an unknown host', 'https://example.com/', {}],
  ['ERR_SIGV4_SCOPE_UNKNOWN', 'a host of a different service', 'https://sts.eu-west-1.amazonaws.com/', {}],
  ['ERR_SIGV4_REQUEST_UNSENDABLE', 'a bad escape', `${url}%zz`, {}],
  ['ERR_SIGV4_REQUEST_UNSENDABLE', 'a line break in a header', url, { headers: { a: 'b\nc' } }],
  ['ERR_SIGV4_REQUEST_UNSENDABLE', 'a non-ASCII header', url, { headers: { a: 'é' } }],
  ['ERR_SIGV4_REQUEST_UNSENDABLE', 'a dot segment', 'https://photos.s3.eu-west-1.amazonaws.com/a/../b', {}],
  ['ERR_SIGV4_REQUEST_UNSENDABLE', 'a key of two dots', { ...photo, key: '..' }, {}],
  ['ERR_SIGV4_ALREADY_SIGNED', 'a signed URL', `${url}?X-Amz-Signature=0`, {}],
  ['ERR_SIGV4_EXPIRES_RANGE', 'eight days', photo, { expires: '8d' }],
  ['ERR_SIGV4_EXPIRES_RANGE', 'half a second', photo, { expires: 0.5 }],
  [
    'ERR_SIGV4_KEY_SCOPE',
    'a key for a different day',
    photo,
    {
      credentials: {
        accessKeyId: 'AKIDEXAMPLE',
        signingKey: { date: '20150829', region: 'eu-west-1', service: 's3', key: new Uint8Array(32) },
      },
    },
  ],
]

/** Codes and classes of errors, without a secret in the message. */
export function errorCases(signer: Signer): Case[] {
  return [
    ...REFUSED.map(([code, what, target, options]): Case => {
      const call = () => signer.presignGet(target as string, { credentials, now: 1_440_938_160_000, ...options })
      return [
        `refuses ${what}`,
        async (output) => {
          const error = await refused(code, call)
          const own = code.startsWith('ERR_SIGV4_')
          equal(error instanceof (own ? signer.SigV4Error : TypeError), true, `whether ${error} has its class`)
          equal(error instanceof Error && error.name, own ? 'SigV4Error' : 'TypeError', 'name')
          equal(signer.isSigV4Error(error), own, 'isSigV4Error')
          const { argument, reason } = error as { argument?: string; reason?: string }
          equal(error.message.startsWith(`${argument} `), true, `whether ${error} starts with ${argument}`)
          if (String(error).includes('wJalrXUtnFEMI')) throw new Error('a secret in a message')
          output(what, [argument, reason, error.message])
        },
      ]
    }),
    [
      'signs an escape that is not UTF-8',
      async (output) => {
        const signed = await signer.presignGet(`${url}%ff%41`, { credentials, now: 1_440_938_160_000 })
        equal(signed.url.startsWith(`${url}%FFA?`), true, signed.url)
        output('an escape that is not UTF-8', signed)
      },
    ],
    [
      'rejects a body that cannot be hashed',
      async () => {
        await refused('ERR_SIGV4_BODY_NOT_HASHABLE', () => signer.sign({ url, body: { a: 1 } }, { credentials }))
      },
    ],
  ]
}
