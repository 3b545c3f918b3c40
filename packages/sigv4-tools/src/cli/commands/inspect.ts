import { ALGORITHM_4A } from '../../../../../src/internal/canonical-request.ts'
import type { Evidence, RequestAsSent } from '../../explain.ts'
import { destinationOf, inspectAt, recognize, requestOf } from '../input/evidence.ts'
import { decodeText } from '../input/files.ts'
import { readStdin } from '../input/http.ts'
import { checkUrl, dateOption } from '../input/values.ts'
import { printWarnings } from '../output/findings.ts'
import { printJson, when } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { table } from '../program/terminal.ts'

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Show the contents of a signed URL or request',
  usage: ['inspect URL [options]', 'inspect [options] < REQUEST'],
  notes: [
    "Does not require credentials. Without a URL, reads standard input: everything that 'npx sigv4-tools explain' reads.",
    'Exit codes: 0 if no problem was found, 1 if a service must reject the request, 2 for a usage error.',
  ],
  examples: [
    ['show a presigned URL', "npx sigv4-tools inspect 'https://photos.s3.amazonaws.com/cat.jpg?X-Amz-…'"],
    ['show a saved request', 'npx sigv4-tools inspect < request.txt'],
    ['print the remaining lifetime in seconds', "npx sigv4-tools inspect --json 'https://…' | jq .secondsUntilExpiry"],
  ],
  options: ['now', 'json'],
  run,
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [text] = call.positionals
  const now = dateOption(call, 'now') ?? new Date()
  const url = text === undefined ? undefined : checkUrl(call, text)
  const request =
    url === undefined
      ? pastedRequest(call, recognize(decodeText(await readStdin(call))))
      : { url, ...(url !== text && { target: text }) }
  const inspection = inspectAt(request, now)
  const destination = destinationOf(request, inspection.service)
  const { warnings, location, accessKeyId, credentialScope, signedAt, expiresAt, headersToSend, hasSessionToken } =
    inspection
  const { region, tokenFor, tokenUser } = inspection
  const is4a = inspection.algorithm === ALGORITHM_4A
  if (call.has('json')) printJson(call, { ...destination, ...inspection })
  else {
    const { method, host, path, bucket, key } = destination
    const locations = { query: 'the URL', header: 'the Authorization header', post: 'a form' }
    const rows: [string, string | undefined][] = [
      ['token for', tokenFor && `${tokenFor}${tokenUser ? `, user ${tokenUser}` : ''}`],
      ['method', method],
      ['host', host],
      ['bucket', bucket],
      bucket === undefined ? ['path', path] : ['key', key],
      ['signature in', location ? locations[location] : 'none (not signed)'],
      ['access key ID', accessKeyId && `${accessKeyId}${hasSessionToken ? ' (with a session token)' : ''}`],
      ['scope', credentialScope],
      ['regions', is4a ? `${region} (Signature Version 4a)` : undefined],
      ['signed', signedAt && when(signedAt, now)],
      ['expires', expiresAt && when(expiresAt, now)],
      ['headers to send', location && !tokenFor ? headersToSend.join(', ') || 'none' : undefined],
    ]
    call.print(table(rows, call))
    printWarnings(call, warnings)
  }
  return warnings.some(({ confidence }) => confidence !== 'possible') ? 1 : 0
}

/** The request in a paste: of several, the one that `explain` would choose. */
function pastedRequest(call: Call, evidence: Evidence): RequestAsSent {
  const requests = evidence.items.filter(({ kind }) => kind === 'request')
  const chosen = requests.find(({ isExplained }) => isExplained)
  if (chosen) call.note(`The input contains ${requests.length} requests. Using the one in line ${chosen.lines[0]}.\n`)
  return requestOf(evidence) ?? usage('the input does not show a request. Add the URL, or the output of curl -v.')
}
