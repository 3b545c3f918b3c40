import type * as smithy from '../../../src/smithy.ts'
import { parseCases, signatureIn } from '../../../test/support/smithy/cases.ts'
import { equal } from '../harness.ts'
import type { Recorded } from '../recorded.ts'
import type { Case } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

/** The signatures in the tests of @smithy/signature-v4, the functions that other packages import, and an error. */
export function smithyCases(entry: typeof smithy, recorded: Recorded): Case[] {
  const { SignatureV4, isSigV4Error, SigV4Error } = entry
  return [
    ...parseCases(recorded.smithy).map(({ name, signer, method, request, options, signature }): Case => {
      return [
        `signs like @smithy/signature-v4: ${name}`,
        async (output) => {
          const made = await new SignatureV4(signer as smithy.SignatureV4Init)[method](request as never, options)
          equal(signatureIn(made), signature)
          output(name, made)
        },
      ]
    }),
    [
      'signs a message',
      async (output) => {
        const signer = new SignatureV4({ credentials, region: 'eu-west-1', service: 'transcribe' })
        const headers = { ':date': { type: 'timestamp', value: new Date(0) } } as const
        const given = { message: { headers, body: new Uint8Array([1, 2]) }, priorSignature: '' }
        const { signature } = await signer.signMessage(given, { signingDate: 0 })
        equal(/^[\da-f]{64}$/.test(signature), true)
        output('message', signature)
      },
    ],
    [
      'has the functions that other packages import',
      async () => {
        class Hash {
          update(): void {}
          async digest(): Promise<Uint8Array> {
            return new Uint8Array(32)
          }
        }
        class Own extends entry.SignatureV4Base {
          constructor() {
            super({ credentials, region: 'eu-west-1', service: 'sqs' })
          }
          sign(): object {
            return this.formatDate(0)
          }
        }
        equal(new Own().sign(), { longDate: '19700101T000000Z', shortDate: '19700101' })
        const headers = { Host: 'a', date: 'b', 'X-Amz-Acl': 'c' }
        const query = { b: '2', a: ['1', '0'] }
        const request = { method: 'GET', protocol: 'https:', hostname: 'a', path: '/a', headers, query, body: 'x' }
        equal(entry.getCanonicalHeaders(request), { host: 'a', 'x-amz-acl': 'c', date: 'b' })
        equal(entry.getCanonicalQuery(request), 'a=0&a=1&b=2')
        equal(entry.hasHeader('HOST', headers), true)
        equal(entry.prepareRequest(request).headers, { Host: 'a', 'X-Amz-Acl': 'c' })
        equal(entry.moveHeadersToQuery(request).query, { ...query, 'X-Amz-Acl': 'c' })
        equal(await entry.getPayloadHash(request, Hash), '0'.repeat(64))
        equal(entry.createScope('20150830', 'eu-west-1', 'sqs'), '20150830/eu-west-1/sqs/aws4_request')
        const key = await entry.getSigningKey(Hash, credentials, '20150830', 'eu-west-1', 'sqs')
        equal(Array.from(key), Array(32).fill(0))
        entry.clearCredentialCache()
        equal(entry.signatureV4aContainer, { SignatureV4a: null })
      },
    ],
    [
      'rejects a region set',
      async () => {
        const signer = new SignatureV4({ credentials, region: '*', service: 's3' })
        const error = await signer.sign('a string').catch((caught: unknown) => caught)
        equal([isSigV4Error(error), error instanceof SigV4Error], [true, true])
        equal((error as smithy.SigV4Error).code, 'ERR_SIGV4_UNSUPPORTED')
      },
    ],
  ]
}
