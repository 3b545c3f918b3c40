/** Runs jobs in order with limited concurrency, and returns their promises immediately. */
export function startJobs<Result>(jobs: readonly (() => Promise<Result>)[], atOnce = 2): Promise<Result>[] {
  const waiting: (() => void)[] = []
  let free = atOnce
  const turn = async (): Promise<void> => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return jobs.map(async (job) => {
    await turn()
    try {
      return await job()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  })
}
