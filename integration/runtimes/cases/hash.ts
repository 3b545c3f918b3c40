import { equal } from '../harness.ts'
import type { Recorded } from '../recorded.ts'
import type { Case, Signer } from './vectors.ts'

const OPTIONS = {
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  now: 1_440_938_160_000,
}

/** SHA-256 as the payload hash of signed requests. */
export function hashCases(signer: Signer, { lengths, strings }: Recorded): Case[] {
  const hashed = async (body: string | Uint8Array): Promise<string> => {
    const url = 'https://photos.s3.eu-west-1.amazonaws.com/a'
    const { headers } = await signer.sign({ method: 'PUT', url, body }, OPTIONS)
    return headers['x-amz-content-sha256']!
  }
  const few = lengths.filter(([length]) => length < 65_536)
  const many = lengths.filter(([length]) => length >= 65_536)
  return [
    [
      `the hash of ${few.length} short messages`,
      async () => {
        for (const [length, hash] of few) equal(await hashed(message(length)), hash, `hash of ${length} bytes`)
      },
    ],
    ...many.map(
      ([length, hash]): Case => [`the hash of ${length} bytes`, async () => equal(await hashed(message(length)), hash)],
    ),
    [
      `the hash of ${strings.length} strings`,
      async () => {
        for (const [text, times, hash] of strings)
          equal(await hashed(text.repeat(times)), hash, `hash of ${JSON.stringify(text)}, ${times} times`)
      },
    ],
  ]
}

function message(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = i % 251
  return bytes
}
