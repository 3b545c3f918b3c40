import { equal, refused } from '../harness.ts'
import type { PlatformCase } from './platform.ts'
import type { Case, Signer } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const signedAt = 1_440_938_160_000
const target = { bucket: 'photos', keyPrefix: 'user/é𝒳/', region: 'eu-west-1' }

type Input = Parameters<Signer['presignPost']>

const FORMS: Record<string, Input> = {
  'a form for a prefix': [
    target,
    { credentials, now: signedAt, contentTypePrefix: 'image/', contentLengthRange: [1, 1000] },
  ],
  'a form for a key': [
    { bucket: 'my.photos', key: 'a/b\tc', endpoint: 'http://localhost:9000', region: 'us-east-1' },
    {
      credentials: { ...credentials, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'IQoJ+/=' },
      now: signedAt,
      expires: '1h',
      contentType: 'text/plain; charset=utf-8',
      fields: { 'x-amz-meta-name': '„é" $\\\u2028\u0080', success_action_status: 201 },
      conditions: [['starts-with', '$x-amz-meta-tag', '']],
    },
  ],
}

/** Presigned forms. */
export function formCases(signer: Signer): Case[] {
  return [
    ...Object.entries(FORMS).map(([name, input]): Case => {
      return [name, async (output) => output(name, await signer.presignPost(...input))]
    }),
    [
      'rejects a form that cannot be sent',
      async () => {
        const fields = { 'x-amz-meta-a': 'a\ud800' }
        await refused('ERR_INVALID_ARG_VALUE', () => signer.presignPost(target, { credentials, fields }))
        await refused('ERR_SIGV4_EXPIRES_RANGE', () => signer.presignPost(target, { credentials, expires: '8d' }))
      },
    ],
  ]
}

/** Functions for a presigned form, which do not require crypto. */
export function filledFormCases(signer: Signer): PlatformCase[] {
  const policy =
    '{"expiration":"2030-01-01T00:00:00Z","conditions":[{"bucket":"b"},["starts-with","$key","é/"],["content-length-range",1,5]]}'
  const facts = { bucket: 'b', now: signedAt }
  return [
    [
      'predicts the S3 response',
      [],
      async (output) => {
        const responses = [
          signer.checkPost(policy, { key: 'é/𝒳' }, { ...facts, size: 6 }),
          signer.checkPost(policy, { key: 'e\u0301/' }, facts),
          signer.checkPost(policy, { key: 'é/', other: '1' }, facts),
          signer.checkPost('eyJ4IjrDqX0=', { key: 'é/' }, facts),
          signer.checkPost(policy, { key: 'é/' }, { ...facts, now: Date.UTC(2031, 0) }),
        ]
        for (const violation of responses) equal(typeof violation?.awsCode, 'string')
        output('responses', responses)
      },
    ],
    [
      'fills a FormData',
      ['FormData', 'Blob'],
      async () => {
        const form = signer.toFormData({ fields: { key: 'é/a', policy: '' } }, new Blob(['abc']), { filename: 'ü.txt' })
        equal(
          [...(form as FormData)].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]),
          [
            ['key', 'é/a'],
            ['policy', ''],
            ['file', 'ü.txt'],
          ],
        )
        equal(await ((form as FormData).get('file') as File).text(), 'abc')
      },
    ],
    [
      'reports a missing FormData, or fills one with a string',
      [],
      async () => {
        const fill = () => signer.toFormData({ fields: { key: 'a' } }, 'text')
        if (globalThis.FormData && globalThis.Blob) equal(typeof fill(), 'object')
        else await refused('ERR_SIGV4_REQUEST_UNSENDABLE', fill)
      },
    ],
  ]
}
