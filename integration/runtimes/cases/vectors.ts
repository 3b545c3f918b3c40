import type * as asynchronous from '../../../src/index.ts'
import { equal, refused } from '../harness.ts'
import type { Recorded } from '../recorded.ts'
import type { Vector } from '../recorded-vectors.ts'

/** `.` or `./sync`; results are awaited for both. */
export type Signer = typeof asynchronous

export type Case = readonly [name: string, run: (output: (key: string, value: unknown) => void) => Promise<void> | void]

/** The request of a vector. */
export async function signVector(signer: Signer, vector: Vector): ReturnType<Signer['sign']> {
  const { method, url, headers, body, options } = vector
  if (vector.location === 'query') return signer.presign(method, url, { ...options, headers })
  return signer.sign(body === undefined ? { method, url, headers } : { method, url, headers, body }, options)
}

/** AWS's signing test suite, and the worked examples of its documentation. */
export function vectorCases(signer: Signer, { vectors, keys }: Recorded): Case[] {
  const signed = vectors.map((vector): Case => {
    const { name, location, signature } = vector
    return [
      name,
      async (output) => {
        if (signature === undefined) {
          await refused('ERR_SIGV4_REQUEST_UNSENDABLE', () => signVector(signer, vector))
          return
        }
        const result = await signVector(signer, vector)
        const text = location === 'query' ? result.url : result.headers.authorization!
        equal(/Signature=([^&]*)/.exec(text)?.[1], signature, 'signature')
        output(name, result)
      },
    ]
  })
  const derived = keys.map(({ id, secretAccessKey, hex, ...scope }): Case => {
    return [
      id,
      async () => {
        const { key } = await signer.deriveSigningKey(scope, {
          credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey },
        })
        equal(hexOf(key), hex)
      },
    ]
  })
  return [...signed, ...derived]
}

export function hexOf(bytes: Uint8Array): string {
  let hex = ''
  for (let i = 0; i < bytes.length; i++) hex += (256 + bytes[i]!).toString(16).slice(1)
  return hex
}
