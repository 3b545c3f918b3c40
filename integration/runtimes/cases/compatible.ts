import { equal } from '../harness.ts'
import type { Recorded } from '../recorded.ts'
import type { Case } from './vectors.ts'

/** The functions of `./aws4` in the suite. */
export interface Compatible {
  sign(request: Record<string, unknown>, credentials: Record<string, string>): unknown
  RequestSigner: new (request: Record<string, unknown>, credentials: Record<string, string>) => { sign(): unknown }
}

/** The results of aws4 for the same requests. */
export function compatibleCases({ sign, RequestSigner }: Compatible, { aws4 }: Recorded): Case[] {
  return aws4.map(({ request, credentials, signed }, i): Case => {
    const copy = (): Record<string, unknown> => JSON.parse(JSON.stringify(request))
    return [
      `signs like aws4, ${i + 1}`,
      (output) => {
        const made = sign(copy(), credentials)
        equal(made, signed)
        equal(new RequestSigner(copy(), credentials).sign(), signed)
        output(`request ${i + 1}`, made)
      },
    ]
  })
}
