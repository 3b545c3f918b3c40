import type * as asynchronous from '../../../src/sigv4a.ts'
import type * as synchronous from '../../../src/sigv4a-sync.ts'
import { equal, lackingFeatures, refused } from '../harness.ts'
import type { RecordedSigV4a } from '../recorded.ts'
import type { PlatformCase } from './platform.ts'
import { hexOf } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const url = 'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/cat.jpg'

/** Signature Version 4a, whose random signatures the asynchronous entry verifies. */
export function sigv4aCases(
  name: './sigv4a' | './sigv4a/sync',
  signer: typeof asynchronous | typeof synchronous,
  { sigv4a }: typeof asynchronous,
  { keys, requests }: RecordedSigV4a,
): PlatformCase[] {
  const functions: [name: string, call: () => unknown][] = [
    ['presign', () => signer.presign('GET', url, { credentials })],
    ['presignGet', () => signer.presignGet(url, { credentials })],
    ['presignPut', () => signer.presignPut(url, { credentials })],
    ['sign', () => signer.sign({ url }, { credentials })],
  ]
  // synchronously, it is derived in JavaScript
  if (name === './sigv4a') functions.push(['deriveSigningKey4a', () => signer.deriveSigningKey4a(credentials)])
  const derived = keys.map(
    ({ accessKeyId, secretAccessKey, hex }): PlatformCase => [
      `derives the key of ${accessKeyId}`,
      name === './sigv4a' ? ['subtle'] : [],
      async (output) => {
        const key = hexOf(await signer.deriveSigningKey4a({ accessKeyId, secretAccessKey }))
        equal(key, hex)
        output(`the key of ${accessKeyId}`, key)
      },
    ],
  )
  const isAvailable = name === './sigv4a' ? !lackingFeatures().includes('subtle') : hasNodeCrypto()
  const alternative = name === './sigv4a' ? "'sigv4/sigv4a/sync'" : "'sigv4/sigv4a'"
  const errors: PlatformCase = [
    'its errors are recognized',
    [],
    async () => {
      const options = { credentials, regionSet: '' }
      const error = await refused('ERR_SIGV4_SCOPE_UNKNOWN', () => signer.presign('GET', url, options))
      equal([signer.isSigV4Error(error), error instanceof signer.SigV4Error], [true, true])
    },
  ]
  if (!isAvailable)
    return [
      errors,
      ...derived,
      ...functions.map(
        ([name, call]): PlatformCase => [
          `${name} names the alternative entry`,
          [],
          async () => {
            const { message } = await refused('ERR_SIGV4_CRYPTO_UNAVAILABLE', call)
            equal(message.includes(alternative), true, `whether '${message}' names the alternative entry`)
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
          const verifies = await sigv4a.verifier(credentials)
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

/** Returns whether the runtime has `node:crypto` without an import. */
function hasNodeCrypto(): boolean {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } }
  return process?.getBuiltinModule?.('node:crypto') !== undefined
}
