import type { Bench } from './bench.ts'
import type { Answer } from './differences.ts'
import { answerOf, Refused, type Reply } from './wire.ts'

/** One thing that is done to a server, and how it ends on S3. */
export interface Case {
  name: string
  /** Where the signature travels: a server that does not check it there is not asked to accept anything. */
  location: 'query' | 'header' | 'form'
  s3: Answer
  run(bench: Bench): Promise<Answer>
}

export const ACCEPTED: Answer = { status: 200 }

/** A case that S3 takes: it ends with its last assertion, or with the first request that the server refuses. */
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
        if (error instanceof Refused) return error.answer
        throw error
      }
    },
  }
}

/** A case that S3 refuses: it ends with the reply to the request that something is wrong with. */
export function isRefused(
  location: Case['location'],
  name: string,
  s3: [status: number, code: string],
  run: (bench: Bench) => Promise<Reply>,
): Case {
  return {
    name,
    location,
    s3: { status: s3[0], code: s3[1] },
    run: async (bench) => answerOf(await run(bench)),
  }
}
