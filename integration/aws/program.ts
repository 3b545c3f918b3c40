import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { resultOf, type Sendable, send, text } from '../servers/wire.ts'
import { CleanUp } from './clean-up.ts'
import { findCredentials } from './credentials.ts'
import { Hider } from './hide.ts'
import { Lab, type Setting } from './lab.ts'
import { lackOf, serverName } from './lacks.ts'
import { HELP, type Options, readOptions, UsageError } from './options.ts'
import { bucketPlace, type Place } from './place.ts'
import { confirm, describePlan } from './plan.ts'
import { formatReport, type Result } from './report.ts'
import type { Row } from './row.ts'
import { ROWS } from './rows.ts'

/** What the program needs of its process. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  /** Prints a line of the progress. */
  readonly progress: (line: string) => void
  readonly print: (report: string) => void
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal
}

/** Runs the program. Returns its exit code: 1 if a row failed or something is left, 2 for wrong use. */
export async function program(args: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2 | 130> {
  const { env, print, progress, signal } = surroundings
  const options = readOptions(args, env)
  if (!options) {
    print(HELP)
    return 0
  }
  const credentials = await findCredentials(options.profile, options.region, env)
  const rows = ROWS.filter(({ name }) => name.startsWith(options.only ?? ''))
  if (rows.length === 0) throw new UsageError('No row has a name that starts with --only.')
  const hider = new Hider(options)
  hider.add(credentials)
  progress(describePlan(options, rows.length))
  if (!(await confirm(options))) return 2

  const place = bucketPlace(options, credentials)
  const prefix = `sigv4-aws-${randomBytes(8).toString('hex')}/`
  const header = await checkBucket(place, options)
  const places = new Set([place])
  const setting: Setting = {
    ...{ options, credentials, place, prefix, signal },
    known: new Map([[credentials.accessKeyId, credentials]]),
    use: (used) => void places.add(used),
    receive(received) {
      hider.add(received)
      setting.known.set(received.accessKeyId, received)
    },
  }
  progress(`Everything is stored below ${prefix}`)
  const results: Result[] = []
  for (const [index, row] of rows.entries()) {
    const result = await resultFor(row, new Lab(setting, String(index + 1)), options.all ? null : header)
    const shown = { ...result, ...(result.reason && { reason: hider.hide(result.reason) }) }
    results.push(shown)
    progress(`${shown.result.padEnd(7)}  ${row.name}${shown.reason ? `: ${shown.reason.split('\n')[0]}` : ''}`)
  }

  const cleaning = new CleanUp()
  const problem = await cleanUp(cleaning, places, prefix)
  const left = problem && hider.hide(problem)
  if (left !== undefined) progress(`Not deleted: ${left}. Look below ${prefix}`)
  const server = options.endpoint === undefined ? 'AWS' : serverName(header)
  const otherRequests = cleaning.requests + 1
  const report = hider.hideSecrets(formatReport({ server, region: options.region, results, otherRequests, left }))
  print(report)
  if (options.report !== undefined) writeFileSync(options.report, report)
  if (left !== undefined || results.some(({ result }) => result === 'failed')) return 1
  return signal.aborted ? 130 : 0
}

/** Confirms that the bucket can be used, before anything is stored. Returns the name that the server has in its header. */
async function checkBucket(place: Place, { endpoint }: Options): Promise<string | null> {
  const request = { ...(await place.sign({ url: place.url('?versioning') })), redirect: 'manual' } as Sendable
  const reply = await send(request).catch((error: Error) => {
    throw new UsageError(
      `The bucket cannot be reached: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    )
  })
  const { status, code = '' } = resultOf(reply)
  if (status !== 200)
    throw new UsageError(
      `The bucket cannot be used: its versioning was requested, and the response is ${status} ${code}.`,
    )
  if (/<Status>/.test(text(reply)))
    throw new UsageError('The bucket has versions, which would keep what is deleted. Pass one that never had any.')
  return endpoint === undefined ? null : reply.headers.get('server')
}

async function resultFor(row: Row, lab: Lab, header: string | null): Promise<Result> {
  const { name } = row
  const { options, signal } = lab.setting
  const interrupted = 'it was interrupted'
  const reason = signal.aborted ? interrupted : (row.missing?.(options) ?? lackOf(header, name))
  if (reason) return { name, result: 'not run', requests: 0, reason }
  try {
    await row.run(lab)
    return { name, result: 'ok', requests: lab.requests }
  } catch (error) {
    const { requests } = lab
    if (signal.aborted) return { name, result: 'not run', requests, reason: interrupted }
    return { name, result: 'failed', requests, reason: messageOf(error as Error) }
  }
}

function messageOf({ name, message, cause }: Error): string {
  const reason = cause instanceof Error ? ` (${cause.message})` : ''
  return `${message || name}${reason}`.slice(0, 500)
}

/** Deletes what was stored in all places. Returns what is left, if anything. */
async function cleanUp(cleaning: CleanUp, places: ReadonlySet<Place>, prefix: string): Promise<string | undefined> {
  const problems: string[] = []
  for (const place of places) {
    try {
      const { keys, uploads } = await cleaning.run(place, prefix)
      if (keys.length + uploads.length > 0)
        problems.push(`${keys.length} objects and ${uploads.length} uploads are left`)
    } catch (error) {
      problems.push(`the objects cannot be listed: ${messageOf(error as Error)}`)
    }
  }
  return problems.length > 0 ? problems.join('; ') : undefined
}
