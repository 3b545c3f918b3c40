import { equal, type Feature, lackingFeatures, refused } from '../harness.ts'
import { signBody } from './signing.ts'
import type { Signer } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const signingDate = 1_440_938_160_000
const url = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'

type Output = (key: string, value: unknown) => void
export type PlatformCase = readonly [
  name: string,
  needs: readonly Feature[],
  run: (output: Output) => Promise<void> | void,
]

/** What an entry does with the objects that an engine may have. */
export function platformCases(signer: Signer): PlatformCase[] {
  return [
    [
      'takes a URL',
      ['URL'],
      async () => {
        const text = 'https://photos.s3.eu-west-1.amazonaws.com/a b/é?x=y'
        const options = { credentials, signingDate }
        const [given, written] = [
          await signer.presignGet(new URL(text), options),
          await signer.presignGet(text, options),
        ]
        equal(given, written)
        equal(new URL(given.url).href, given.url)
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

/** What only the entry on Web Crypto does. */
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
      'signs a Request, which can still be sent',
      ['subtle', 'Request'],
      async () => {
        const request = new Request(url, { method: 'PUT', body: 'ab', headers: { 'x-amz-meta-a': '1' } })
        const signed = await signer.sign(request, { credentials, signingDate })
        const { headers } = await signer.sign(
          { method: 'PUT', url, headers: request.headers, body: 'ab' },
          { credentials, signingDate },
        )
        equal(signed.headers.authorization, headers.authorization)
        equal(await request.text(), 'ab')
        equal(await new Response(signed.body as BodyInit).text(), 'ab')
      },
    ],
    [
      'presigns with a key that cannot be read, and with a provider of credentials',
      ['subtle'],
      async () => {
        const scope = { date: '20150830', region: 'eu-west-1', service: 's3' }
        const signingKey = await signer.deriveSigningKey(credentials, scope, { extractable: false })
        equal(signingKey.key.extractable, false)
        const { accessKeyId } = credentials
        const expected = await signer.presignGet(url, { credentials, signingDate })
        equal(await signer.presignGet(url, { credentials: { accessKeyId, signingKey }, signingDate }), expected)
        equal(await signer.presignGet(url, { credentials: async () => credentials, signingDate }), expected)
      },
    ],
    [
      'presigns many at once',
      ['subtle'],
      async () => {
        const urls = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            signer.presignGet(`${url}${i}`, { credentials: { ...credentials }, signingDate }),
          ),
        )
        for (const [i, signed] of urls.entries())
          equal(signed, await signer.presignGet(`${url}${i}`, { credentials, signingDate }))
      },
    ],
    [
      'finds Web Crypto, or says which entry to take',
      [],
      async () => {
        const call = () => signer.presignGet(url, { credentials })
        if (!lackingFeatures().includes('subtle')) {
          equal((await call()).method, 'GET')
          return
        }
        const { message } = await refused('ERR_SIGV4_CRYPTO_UNAVAILABLE', call)
        equal(message.includes("'sigv4/sync'"), true, `whether '${message}' names the other entry`)
      },
    ],
  ]
}
