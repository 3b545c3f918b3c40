import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 as Original } from '@smithy/signature-v4'
import fc from 'fast-check'
import { expect } from 'vitest'
import { SignatureV4 } from '../../../src/smithy.ts'
import { eventCall, messageCall, requestCall, type SignerCall, stringCall } from './requests.ts'

export { Original, Sha256 }

export type Method = 'sign' | 'presign'

/** A signer of either side. */
export type Signer = Record<Method, (request: unknown, options?: object) => Promise<unknown>>

/** The constructor of a signer of either side. */
export type SignerConstructor = new (init: object) => Signer

/** A returned request with the order of all members, or that the call threw. */
function visible(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { query, headers, body, ...others } = value as Record<string, object>
  return {
    members: Object.keys(value),
    query: Object.entries(query ?? {}),
    headers: Object.entries(headers ?? {}),
    isSameBody: body,
    others,
  }
}

/** Calls a method, and returns what the caller sees: the result, or that it threw. */
export async function observe(Signer: unknown, method: Method, { init, request, options }: SignerCall) {
  try {
    const signer = new (Signer as SignerConstructor)({ ...init, sha256: Sha256 })
    return { returned: visible(await signer[method](request, options)) }
  } catch (error) {
    return { threw: true as const, error }
  }
}

/** How many calls returned, and how many threw. */
export interface Count {
  returned: number
  threw: number
}

const CALLS = {
  sign: requestCall,
  presign: requestCall,
  'sign a string': stringCall,
  'sign an event': eventCall,
  'sign a message': messageCall,
}

/** Passes random calls to both sides, which must return the same, or both throw. The input must not change. */
export async function compareAtRandom(method: keyof typeof CALLS, runs: number): Promise<Count> {
  const count = { returned: 0, threw: 0 }
  await fc.assert(
    fc.asyncProperty(CALLS[method], async (call) => {
      const name = method === 'presign' ? method : 'sign'
      const given = visible(call.request)
      const theirs = await observe(Original, name, call)
      const ours = await observe(SignatureV4, name, call)
      expect(visible(call.request)).toEqual(given)
      if (theirs.threw) {
        count.threw++
        expect(ours).toHaveProperty('threw')
        const { message } = theirs.error as Error
        if (typeof theirs.error === 'string') expect(ours.error).toBe(theirs.error)
        else expect(ours.error).toMatchObject({ name: expect.stringMatching(/^(?:SigV4Error|TypeError|Error)$/) })
        if (message?.includes('credential')) expect(ours.error).toHaveProperty('message', message)
      } else {
        count.returned++
        expect(ours).toEqual(theirs)
      }
    }),
    { numRuns: runs },
  )
  return count
}
