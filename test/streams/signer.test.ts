import { createPrivateKey, createPublicKey, createSign, createVerify } from 'node:crypto'
import { expect, it } from 'vitest'
import { type ChunkSigner, encodeChunks, encodedLength, piecesOf } from '../../src/streams/encode.ts'
import { EMPTY_HASH, sha256 } from '../support/oracle.ts'
import { read } from '../support/verify/helpers.ts'

// Signatures of another algorithm, whose lengths differ: ECDSA, as in Signature Version 4a.

/** The private key of aws-c-auth's test of chunks: PKCS #8 without the public key. */
const D = '04c4d39191ae06f37a86b873d2f9951f7c37621d69e0eb834fb622c368f360c3'
const PKCS8 = `3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420${D}`

it('are padded in the body, and not where they precede another one', async () => {
  const key = createPrivateKey({ key: Buffer.from(PKCS8, 'hex'), format: 'der', type: 'pkcs8' })
  const context = {
    algorithm: 'AWS4-ECDSA-P256-SHA256',
    amzDate: '20130524T000000Z',
    scope: '20130524/s3/aws4_request',
  }
  const sign = async (text: string) => createSign('sha256').update(text).sign(key).toString('hex')
  const seedSignature = await sign('the request')
  const signer: ChunkSigner = { context, seedSignature, signatureLength: 144, sign }
  const names = ['first', 'second', 'third']
  const plan = { decodedLength: 66_560, chunkSize: 65_536, trailers: names.map((name) => [name, 3] as const) }
  const trailers = () =>
    [
      ['first', '1st'],
      ['second', '2nd'],
      ['third', '3rd'],
    ] as const
  const body = Buffer.alloc(66_560, 'a')
  const encoded = await read(encodeChunks(plan, signer, { pieces: piecesOf([body]), trailers }))
  expect(encoded).toHaveLength(encodedLength(plan, 144))

  const found = String(encoded).match(/(?<=signature[=:])[\da-f]+\**/g)!
  expect(found.map(({ length }) => length)).toEqual([144, 144, 144, 144])
  const signatures = found.map((padded) => padded.replace(/\*+$/, ''))
  const trailer = 'first:1st\nsecond:2nd\nthird:3rd\n'
  expect(sha256(trailer)).toBe('83d8f190334fb741bc8daf73c891689d320bd8017756bc730c540021ed48001f')
  const expected = [body.subarray(0, 65_536), body.subarray(65_536), body.subarray(0, 0)].map((chunk) => [
    'PAYLOAD',
    `${EMPTY_HASH}\n${sha256(chunk)}`,
  ])
  expected.push(['TRAILER', sha256(trailer)])
  for (const [i, [kind, hash]] of expected.entries()) {
    const previous = i ? signatures[i - 1] : seedSignature
    const text = `AWS4-ECDSA-P256-SHA256-${kind}\n20130524T000000Z\n20130524/s3/aws4_request\n${previous}\n${hash}`
    expect(createVerify('sha256').update(text).verify(createPublicKey(key), signatures[i]!, 'hex'), String(i)).toBe(
      true,
    )
  }
})
