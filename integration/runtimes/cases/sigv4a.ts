import type * as entry from '../../../src/sigv4a.ts'
import { equal, lackingFeatures, refused } from '../harness.ts'
import type { RecordedSigV4a } from '../recorded.ts'
import type { PlatformCase } from './platform.ts'
import { hexOf } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const url = 'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/cat.jpg'

/** Signature Version 4a, whose random signatures its verifier accepts. */
export function sigv4aCases(signer: typeof entry, { keys, requests }: RecordedSigV4a): PlatformCase[] {
  const functions: [name: string, call: () => unknown][] = [
    ['presign', () => signer.presign('GET', url, { credentials })],
    ['presignGet', () => signer.presignGet(url, { credentials })],
    ['presignPut', () => signer.presignPut(url, { credentials })],
    ['presignHead', () => signer.presignHead(url, { credentials })],
    ['presignDelete', () => signer.presignDelete(url, { credentials })],
    ['sign', () => signer.sign({ url }, { credentials })],
    ['deriveSigningKey', () => signer.deriveSigningKey({ credentials })],
  ]
  const derived = keys.map(
    ({ accessKeyId, secretAccessKey, hex }): PlatformCase => [
      `derives the key of ${accessKeyId}`,
      ['subtle'],
      async (output) => {
        const key = hexOf(await signer.deriveSigningKey({ credentials: { accessKeyId, secretAccessKey } }))
        equal(key, hex)
        output(`the key of ${accessKeyId}`, key)
      },
    ],
  )
  const errors: PlatformCase = [
    'its errors are recognized',
    [],
    async () => {
      const options = { credentials, regionSet: '' }
      const error = await refused('ERR_SIGV4_SCOPE_UNKNOWN', () => signer.presign('GET', url, options))
      equal([signer.isSigV4Error(error), error instanceof signer.SigV4Error], [true, true])
    },
  ]
  if (lackingFeatures().includes('subtle'))
    return [
      errors,
      ...derived,
      ...functions.map(
        ([name, call]): PlatformCase => [
          `${name} requires Web Crypto`,
          [],
          async () => {
            await refused('ERR_SIGV4_CRYPTO_UNAVAILABLE', call)
          },
        ],
      ),
    ]
  return [
    errors,
    ...derived,
    ...functions.map(([name, call]): PlatformCase => [name, [], async () => equal(typeof (await call()), 'object')]),
    ...requests.map(
      ({ id, url, options, expires, stringToSign, signature }): PlatformCase => [
        `signs ${id}, and accepts its signatures only if unchanged`,
        ['subtle'],
        async () => {
          const signed =
            expires === undefined
              ? await signer.sign({ method: 'GET', url }, options)
              : await signer.presign('GET', url, { ...options, expires })
          const ours = /Signature=([\da-f]+)$/.exec(signed.headers.authorization ?? signed.url)![1]!
          if (isFirefox()) {
            await refused('ERR_SIGV4_CRYPTO_UNAVAILABLE', () => signer.sigv4a.verifier(credentials))
            return
          }
          const verifies = await signer.sigv4a.verifier(credentials)
          equal([await verifies(stringToSign, ours), await verifies(stringToSign, signature)], [true, true], id)
          equal(
            [await verifies(`${stringToSign}0`, ours), await verifies(stringToSign, `${ours}00`)],
            [false, false],
            id,
          )
        },
      ],
    ),
  ]
}

/** Firefox does not export the public key of a private key. */
function isFirefox(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  return navigator?.userAgent?.includes('Firefox/') ?? false
}
