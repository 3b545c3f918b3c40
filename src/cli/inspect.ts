import { inspect } from '../explain.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { usage } from './failure.ts'
import { readInput } from './files.ts'
import { printFindings } from './findings.ts'
import { parseHttp, type WrittenRequest } from './http.ts'
import { distance, iso, printJson } from './output.ts'
import { table } from './terminal.ts'
import { parseDate } from './values.ts'

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'say what a signed URL or request says, and what is odd about it',
  usage: ['inspect URL [options]', 'inspect [options] < REQUEST'],
  notes: [
    'Needs no credentials. Without a URL, reads a raw HTTP request or what curl -v prints from standard input.',
    'Exit code 1 if something is wrong with it.',
  ],
  examples: [
    ['a presigned URL', "sigv4 inspect 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=…'"],
    ['a request that was written down', 'sigv4 inspect < request.txt'],
    ['how long does it still live?', "sigv4 inspect --json 'https://…' | jq .secondsLeft"],
  ],
  options: ['now', 'json'],
  help: { now: 'time to compare with, 2026-01-31T12:00:00Z (default now)' },
  run,
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [url] = call.positionals
  const given = call.value('now')
  const now = given === undefined ? new Date() : parseDate('--now', given)
  if (url !== undefined && !/^https?:\/\/./i.test(url)) usage('the URL must start with https:// or http://')
  const inspection = inspect(url ?? (await readRequest(call)), { now })
  const { oddities, location, accessKeyId, credentialScope, signingDate, expiresAt, headersToSend, hasSessionToken } =
    inspection
  const isBroken = oddities.some(({ confidence }) => confidence !== 'possible')
  if (call.has('json')) {
    printJson(call, inspection)
    return isBroken ? 1 : 0
  }
  const places = { query: 'the URL', header: 'the Authorization header', post: 'a form' }
  const rows: [string, string | undefined][] = [
    ['signature in', location ? places[location] : 'no place: it is not signed'],
    ['access key id', accessKeyId && `${accessKeyId}${hasSessionToken ? ' (with a session token)' : ''}`],
    ['scope', credentialScope],
    ['signed', signingDate && `${iso(signingDate)} (${distance(now, signingDate)})`],
    ['expires', expiresAt && `${iso(expiresAt)} (${distance(now, expiresAt)})`],
    ['headers to send', location ? headersToSend.join(', ') || 'none' : undefined],
  ]
  call.print(
    table(
      rows.filter((row): row is [string, string] => row[1] !== undefined),
      call.paint,
    ),
  )
  printFindings(call, oddities)
  return isBroken ? 1 : 0
}

async function readRequest(call: Call): Promise<WrittenRequest> {
  if (call.terminal.stdin.isTTY) call.note('Paste a raw HTTP request or what curl -v printed, then press Ctrl-D.\n')
  const { remarks, ...request } = parseHttp(await readInput(call, 'standard input', '-'))
  for (const remark of remarks) call.note(`${remark}\n`)
  return request
}
