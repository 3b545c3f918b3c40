import { equal, type Feature, lackingFeatures, refused } from '../harness.ts'
import { signBody } from './signing.ts'
import type { Signer } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const signedAt = 1_440_938_160_000
const url = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'

type Output = (key: string, value: unknown) => void
export type PlatformCase = readonly [
  name: string,
  needs: readonly Feature[],
  run: (output: Output) => Promise<void> | void,
]

/** Objects that some engines have. */
export function platformCases(signer: Signer): PlatformCase[] {
  return [
    [
      'accepts a URL',
      ['URL'],
      async () => {
        const text = 'https://photos.s3.eu-west-1.amazonaws.com/a b/é?x=y'
        const options = { credentials, now: signedAt }
        const [entries, written] = [
          await signer.presignGet(new URL(text), options),
          await signer.presignGet(text, options),
        ]
        equal(entries, written)
        equal(new URL(entries.url).href, entries.url)
      },
    ],
    [
      'signs URLSearchParams',
      ['URL'],
      async () => {
        const { headers } = await signBody(signer, new URLSearchParams({ a: 'é +&' }))
        equal(headers, (await signBody(signer, 'a=%C3%A9+%2B%26')).headers)
      },
    ],
    [
      'signs shared memory',
      ['SharedArrayBuffer'],
      async () => {
        const shared = new Uint8Array(new SharedArrayBuffer(4))
        shared.set([0, 255, 128, 10])
        equal((await signBody(signer, shared)).headers, (await signBody(signer, shared.slice())).headers)
      },
    ],
  ]
}

/** Features of the Web Crypto entry only. */
export function webCases(signer: Signer): PlatformCase[] {
  return [
    [
      'signs a Blob',
      ['subtle', 'Blob'],
      async () => {
        const { headers } = await signBody(signer, new Blob(['a', Uint8Array.of(98)]))
        equal(headers, (await signBody(signer, 'ab')).headers)
      },
    ],
    [
      'signs a Request, which remains usable',
      ['subtle', 'Request'],
      async () => {
        const request = new Request(url, { method: 'PUT', body: 'ab', headers: { 'x-amz-meta-a': '1' } })
        const signed = await signer.sign(request, { credentials, now: signedAt })
        const { headers } = await signer.sign(
          { method: 'PUT', url, headers: request.headers, body: 'ab' },
          { credentials, now: signedAt },
        )
        equal(signed.headers.authorization, headers.authorization)
        equal(await request.text(), 'ab')
        equal(await new Response(signed.body as BodyInit).text(), 'ab')
      },
    ],
    [
      'presigns with a CryptoKey, and with a credential provider',
      ['subtle'],
      async () => {
        const scope = { date: '20150830', region: 'eu-west-1', service: 's3' }
        const signingKey = await signer.deriveSigningKey(scope, { credentials, extractable: false })
        equal(signingKey.key.extractable, false)
        const { accessKeyId } = credentials
        const expected = await signer.presignGet(url, { credentials, now: signedAt })
        equal(await signer.presignGet(url, { credentials: { accessKeyId, signingKey }, now: signedAt }), expected)
        equal(await signer.presignGet(url, { credentials: async () => credentials, now: signedAt }), expected)
      },
    ],
    [
      'presigns many requests in parallel',
      ['subtle'],
      async () => {
        const urls = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            signer.presignGet(`${url}${i}`, { credentials: { ...credentials }, now: signedAt }),
          ),
        )
        for (const [i, signed] of urls.entries())
          equal(signed, await signer.presignGet(`${url}${i}`, { credentials, now: signedAt }))
      },
    ],
    [
      'uses Web Crypto, or names the alternative entry',
      [],
      async () => {
        const call = () => signer.presignGet(url, { credentials })
        if (!lackingFeatures().includes('subtle')) {
          equal((await call()).method, 'GET')
          return
        }
        const { message } = await refused('ERR_SIGV4_CRYPTO_UNAVAILABLE', call)
        equal(message.includes("'sigv4/sync'"), true, `whether '${message}' names the alternative entry`)
      },
    ],
  ]
}
