import type { Bench } from './bench.ts'
import type { Result } from './differences.ts'
import { RejectedError, type Reply, resultOf } from './wire.ts'

/** An operation on a server, and its result on S3. */
export interface Case {
  name: string
  /** The location of the signature. If a server does not verify it there, accepted requests are not tested. */
  location: 'query' | 'header' | 'form'
  s3: Result
  run(bench: Bench): Promise<Result>
}

export const ACCEPTED: Result = { status: 200 }

/** A case that S3 accepts. It ends with its last assertion, or with the first request that the server rejects. */
export function works(location: Case['location'], name: string, run: (bench: Bench) => Promise<void>): Case {
  return {
    name,
    location,
    s3: ACCEPTED,
    async run(bench) {
      try {
        await run(bench)
        return ACCEPTED
      } catch (error) {
        if (error instanceof RejectedError) return error.result
        throw error
      }
    },
  }
}

/** A case that S3 rejects. It ends with the response to the invalid request. */
export function isRejected(
  location: Case['location'],
  name: string,
  s3: [status: number, code: string],
  run: (bench: Bench) => Promise<Reply>,
): Case {
  return {
    name,
    location,
    s3: { status: s3[0], code: s3[1] },
    run: async (bench) => resultOf(await run(bench)),
  }
}
