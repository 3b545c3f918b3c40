import { inspect } from '../../explain.ts'
import { parseHttp, readStdin } from '../input/http.ts'
import { checkUrl, dateOption } from '../input/values.ts'
import { printWarnings } from '../output/findings.ts'
import { printJson, when } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { table } from '../program/terminal.ts'

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Show the contents of a signed URL or request',
  usage: ['inspect URL [options]', 'inspect [options] < REQUEST'],
  notes: [
    'Does not require credentials. Without a URL, reads a raw HTTP request or the output of curl -v from standard input.',
    'Exit codes: 0 if no problem was found, 1 if a service must reject the request, 2 for a usage error.',
  ],
  examples: [
    ['show a presigned URL', "npx sigv4 inspect 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=…'"],
    ['show a saved request', 'npx sigv4 inspect < request.txt'],
    ['print the remaining lifetime in seconds', "npx sigv4 inspect --json 'https://…' | jq .secondsUntilExpiry"],
  ],
  options: ['now', 'json'],
  help: { now: 'Time to compare with, such as 2026-01-31T12:00:00Z (default now)' },
  run,
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [url] = call.positionals
  const asked = dateOption(call, 'now')
  const now = asked ?? new Date()
  if (url !== undefined) checkUrl(call, url)
  const inspection = inspect(url ?? parseHttp(call, await readStdin(call)), { now: asked })
  const { warnings, location, accessKeyId, credentialScope, signingDate, expiresAt, headersToSend, hasSessionToken } =
    inspection
  const isBroken = warnings.some(({ confidence }) => confidence !== 'possible')
  if (call.has('json')) {
    printJson(call, inspection)
    return isBroken ? 1 : 0
  }
  const locations = { query: 'the URL', header: 'the Authorization header', post: 'a form' }
  const rows: [string, string | undefined][] = [
    ['signature in', location ? locations[location] : 'none (not signed)'],
    ['access key ID', accessKeyId && `${accessKeyId}${hasSessionToken ? ' (with a session token)' : ''}`],
    ['scope', credentialScope],
    ['signed', signingDate && when(signingDate, now)],
    ['expires', expiresAt && when(expiresAt, now)],
    ['headers to send', location ? headersToSend.join(', ') || 'none' : undefined],
  ]
  call.print(table(rows, call.paint))
  printWarnings(call, warnings)
  return isBroken ? 1 : 0
}
