import { spawn } from 'node:child_process'

/** Runs a program that reads a list of calls and prints a list of results, once for all calls of a guide. */
export function batch<Call>(start: () => Promise<[command: string, ...args: string[]]>): (call: Call) => () => unknown {
  const calls: Call[] = []
  let results: Promise<unknown[]> | undefined
  const run = async (): Promise<unknown[]> => {
    const [command, ...args] = await start()
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(JSON.stringify(calls))
    let output = ''
    for await (const piece of child.stdout) output += piece
    return JSON.parse(output)
  }
  return (call) => {
    const i = calls.push(call) - 1
    return async () => {
      results ??= run()
      return (await results)[i]
    }
  }
}

/** Returns the date of a presigned URL, for `options.now`: the clock of another process is not faked. */
export function dateOf(signed: string | { fields: Record<string, string> }): Date {
  const date = typeof signed === 'string' ? new URL(signed).searchParams.get('X-Amz-Date') : signed.fields['x-amz-date']
  return new Date(date!.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))
}
