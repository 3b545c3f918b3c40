import type * as smithy from '../../../src/smithy.ts'
import { parseCases, signatureIn } from '../../support/smithy/cases.ts'
import { equal } from '../harness.ts'
import type { Recorded } from '../recorded.ts'
import type { Case } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

/** The signatures in the tests of @smithy/signature-v4, and an error. */
export function smithyCases({ SignatureV4, isSigV4Error, SigV4Error }: typeof smithy, recorded: Recorded): Case[] {
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
