import { SigV4VerifyError, type VerifiedRequest, verify } from '../verify.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { demandCredentials } from './credentials.ts'
import { usage } from './failure.ts'
import { readBody } from './files.ts'
import { optionRequest, parseHttp, readStdin, type WrittenRequest } from './http.ts'
import { IDENTITY } from './options.ts'
import { printJson, when } from './output.ts'
import { placementOption } from './signing.ts'
import { table } from './terminal.ts'
import { dateOption } from './values.ts'

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check a signed URL or request as AWS would',
  usage: ['verify URL [options]', 'verify [options] < REQUEST'],
  notes: [
    'Without a URL, reads a raw HTTP request or what curl -v prints from standard input.',
    'The credentials are those that the request should be signed with. Exit code 1 if it must be refused.',
  ],
  examples: [
    ['a presigned URL', "sigv4 verify 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=…'"],
    ['one for an upload', "sigv4 verify --method PUT -H 'content-type: image/png' 'https://…'"],
    ['why was this refused?', 'curl -v … 2>&1 | sigv4 verify --strings'],
    ['a request in a file, as of the time it was made', 'sigv4 verify --now 2026-01-31T12:00:00Z < request.http'],
  ],
  options: [
    'method',
    'header',
    'data',
    'data-file',
    'region',
    'service',
    'now',
    'session-token-placement',
    'host',
    ...IDENTITY,
    'json',
    'strings',
  ],
  help: {
    header: 'header that is sent with the URL; repeatable',
    data: 'body of the request',
    region: 'the one region that is accepted (default any)',
    service: 'the one service that is accepted (default any)',
    credentials: 'file with the credentials, as JSON that a credential process prints',
    'session-token-placement': 'appended for services where the token is added after signing (default signed)',
  },
  run,
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [place] = call.positionals
  const now = dateOption(call, 'now') ?? new Date()
  const sessionTokenPlacement = placementOption(call)
  const request = place === undefined ? parseHttp(call, await readStdin(call)) : urlRequest(call, place)
  const body = (await readBody(call))?.bytes ?? request.body
  const credentials = await demandCredentials(call)
  try {
    const { method, url, headers } = request
    // of HTTP/1.1, a body that is not here would be taken for an empty one
    const received = { method, url, headers, httpVersionMajor: 2, ...(body && { body }) }
    const verified = await verify(received, {
      credentials: (id) => (id === credentials.accessKeyId ? credentials : undefined),
      now,
      payload: 'deferred',
      allowUnsignedPayload: true,
      sessionTokenPlacement,
      region: call.value('region') || undefined,
      service: call.value('service') || undefined,
      host: call.value('host') || undefined,
    })
    reportAccepted(call, verified, now)
    return 0
  } catch (error) {
    if (!(error instanceof SigV4VerifyError)) throw error
    if (error.code === 'ERR_SIGV4_PAYLOAD_UNCHECKED' && !body)
      usage('the signature covers the body, which is not here: give it with --data or --data-file')
    reportRefused(call, error, credentials.accessKeyId)
    return 1
  }
}

function urlRequest(call: Call, url: string): WrittenRequest {
  const request = optionRequest(call, url)
  // the body of other methods is unknown
  return /^(?:GET|HEAD)$/.test(request.method) ? { ...request, body: new Uint8Array() } : request
}

function reportAccepted(call: Call, verified: VerifiedRequest, now: Date): void {
  const { accessKeyId, scope, signedHeaders, location, signingDate, expiresAt, sessionToken } = verified
  const payload = verified.payload === 'deferred' ? 'unchecked' : verified.payload
  if (call.has('json')) {
    printJson(call, {
      accepted: true,
      accessKeyId,
      scope,
      location,
      signingDate,
      expiresAt,
      signedHeaders,
      payload,
      temporary: sessionToken !== undefined,
    })
    return
  }
  const { date, region, service } = scope
  const words = {
    unsigned: 'not signed: the signature says nothing of the body',
    verified: 'the one that was signed',
    unchecked: 'not checked: there is none here; give it with --data or --data-file',
  }
  call.print(`${call.paint('green', 'accepted')}\n`)
  const rows: [string, string | undefined][] = [
    ['access key id', `${accessKeyId}${sessionToken === undefined ? '' : ' (temporary, with a session token)'}`],
    ['scope', `${date}/${region}/${service}/aws4_request`],
    ['signed', when(signingDate, now)],
    ['expires', expiresAt && when(expiresAt, now)],
    ['signature in', location === 'query' ? 'the URL' : 'the Authorization header'],
    ['signed headers', signedHeaders.join(', ')],
    ['body', words[payload]],
  ]
  call.print(table(rows, call.paint))
}

function reportRefused(call: Call, error: SigV4VerifyError, known: string): void {
  const { code, awsCode, status, message, details } = error
  const strings = call.has('strings') && error.canonicalRequest !== undefined
  const shownStrings = {
    stringToSign: error.stringToSign ?? '',
    canonicalRequest: hideToken(error.canonicalRequest ?? ''),
  }
  if (call.has('json')) {
    printJson(call, { accepted: false, code, awsCode, status, message, details, ...(strings && shownStrings) })
    return
  }
  call.print(`${call.paint('red', 'refused')}: ${status} ${awsCode}\n`)
  const rows: [string, string][] = [['message', message], ...Object.entries(details), ['code', code]]
  if (code === 'ERR_SIGV4_ACCESS_KEY_UNKNOWN') rows.push(['credentials', `given are those of ${known}`])
  call.print(table(rows, call.paint))
  if (strings) {
    call.print(`\n${call.paint('bold', 'String to sign')}\n${shownStrings.stringToSign}\n`)
    call.print(`\n${call.paint('bold', 'Canonical request')}\n${shownStrings.canonicalRequest}\n`)
  } else if (error.canonicalRequest !== undefined)
    call.note('What should have been signed is printed with --strings.\n')
}

/** A canonical request with the session token left out, which is a part of the credentials. */
function hideToken(canonicalRequest: string): string {
  return canonicalRequest
    .replace(/^(x-amz-security-token:).+$/m, '$1[session token]')
    .replace(/(X-Amz-Security-Token=)[^&\n]+/, '$1[session token]')
}
