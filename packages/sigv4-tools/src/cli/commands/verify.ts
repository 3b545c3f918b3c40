import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { sigv4a } from '../../../../../src/sigv4a.ts'
import { SigV4VerifyError, type VerifiedRequest, verify } from '../../../../../src/verify.ts'
import { inspect } from '../../explain.ts'
import {
  isSecretName,
  isSecretShaped,
  misplacedSecrets,
  secretsOfCredential,
  shownKeyId,
} from '../../redaction/find.ts'
import { createHider, hideShapes } from '../../redaction/hide.ts'
import { requireCredentials } from '../input/credentials.ts'
import { readBody } from '../input/files.ts'
import { optionRequest, parseHttp, type RawRequest, readStdin } from '../input/http.ts'
import { dateOption, placementOption } from '../input/values.ts'
import { printRow } from '../output/findings.ts'
import { printJson, when } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { IDENTITY } from '../program/options.ts'
import { table, wrap } from '../program/terminal.ts'

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Verify a signed URL or request as AWS does',
  usage: ['verify URL [options]', 'verify [options] < REQUEST'],
  notes: [
    'Without a URL, reads a raw HTTP request or the output of curl -v from standard input. Requires the credentials that should have signed it.',
    'Exit codes: 0 if the request is accepted, 1 if it is rejected, 2 for a usage error.',
  ],
  examples: [
    ['verify a presigned URL', "npx sigv4-tools verify 'https://photos.s3.amazonaws.com/cat.jpg?X-Amz-…'"],
    ['verify an upload URL', "npx sigv4-tools verify --method PUT -H 'content-type: image/png' 'https://…'"],
    ['show what should have been signed', 'curl -v … 2>&1 | npx sigv4-tools verify --strings'],
    ['verify a saved request', 'npx sigv4-tools verify --now 2026-01-31T12:00:00Z < request.http'],
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
    header: 'Header that is sent with the URL (repeatable)',
    region: 'Region that it must be signed for (default any)',
    service: 'Service that it must be signed for (default any)',
  },
  run,
}

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  const [url] = call.positionals
  const now = dateOption(call, 'now') ?? new Date()
  const sessionTokenPlacement = placementOption(call)
  const request = url === undefined ? parseHttp(call, await readStdin(call)) : urlRequest(call, url)
  const body = (await readBody(call))?.bytes ?? request.body
  const credentials = await requireCredentials(call)
  try {
    const { method, headers } = request
    // In an HTTP/1.1 request, a missing body would count as empty.
    const received = { method, url: request.url, headers, httpVersionMajor: 2, ...(body && { body }) }
    const verified = await verify(received, {
      algorithms: [sigv4a],
      credentials: (id) => (id === credentials.accessKeyId ? credentials : undefined),
      now,
      payload: 'deferred',
      allowUnsignedPayload: true,
      sessionTokenPlacement,
      region: call.value('region') || undefined,
      service: call.value('service') || undefined,
      host: call.value('host') || undefined,
    })
    const { algorithm } = inspect(received)
    reportAccepted(call, verified, algorithm === sigv4a.name, now)
    return 0
  } catch (error) {
    if (!(error instanceof SigV4VerifyError)) throw error
    if (error.code === 'ERR_SIGV4_PAYLOAD_UNCHECKED' && !body)
      usage('the signature covers the body, which is missing. Pass it with --data or --data-file.')
    reportRejected(call, error, credentials)
    return 1
  }
}

function urlRequest(call: Call, url: string): RawRequest {
  const request = optionRequest(call, url)
  // The body of requests with other methods is unknown.
  return /^(?:GET|HEAD)$/.test(request.method) ? { ...request, body: new Uint8Array() } : request
}

function reportAccepted(call: Call, verified: VerifiedRequest, is4a: boolean, now: Date): void {
  const { scope, signedHeaders, location, signedAt, expiresAt, sessionToken } = verified
  const accessKeyId = shownKeyId(verified.accessKeyId)
  const payload = verified.payload === 'deferred' ? 'unchecked' : verified.payload
  if (call.has('json')) {
    printJson(call, {
      accepted: true,
      accessKeyId,
      scope,
      location,
      signedAt,
      expiresAt,
      signedHeaders,
      payload,
      temporary: sessionToken !== undefined,
    })
    return
  }
  const { date, region, service } = scope
  const payloads = {
    unsigned: 'not signed',
    verified: 'signed and unchanged',
    unchecked: 'signed but not checked (pass it with --data or --data-file)',
  }
  call.print(`${call.paint('green', 'Accepted')}: the signature is correct.\n\n`)
  const rows: [string, string | undefined][] = [
    ['access key ID', `${accessKeyId}${sessionToken === undefined ? '' : ' (with a session token)'}`],
    ['scope', is4a ? `${date}/${service}/aws4_request` : `${date}/${region}/${service}/aws4_request`],
    ['regions', is4a ? `${region} (Signature Version 4a)` : undefined],
    ['signed', when(signedAt, now)],
    ['expires', expiresAt && when(expiresAt, now)],
    ['signature in', location === 'query' ? 'the URL' : 'the Authorization header'],
    ['signed headers', signedHeaders.join(', ')],
    ['body', payloads[payload]],
  ]
  call.print(table(rows, call))
}

function reportRejected(call: Call, error: SigV4VerifyError, credentials: SecretCredentials): void {
  const { code, awsCode, status, stringToSign = '', canonicalRequest = '' } = error
  const strings = call.has('strings') && error.canonicalRequest !== undefined
  const hide = createHider([
    ...[credentials.secretAccessKey].filter(isSecretShaped),
    ...secretsOfCredential(error.details.AWSAccessKeyId ?? ''),
    ...[stringToSign, canonicalRequest].flatMap(misplacedSecrets),
  ])
  const message = hideShapes(hide(error.message))
  const details = Object.fromEntries(Object.entries(error.details).map(([name, value]) => [name, hide(value)]))
  const shownStrings = { stringToSign: hide(stringToSign), canonicalRequest: hide(hideNamed(canonicalRequest)) }
  if (call.has('json')) {
    printJson(call, { accepted: false, code, awsCode, status, message, details, ...(strings && shownStrings) })
    return
  }
  const [first, ...rest] = wrap(`Rejected: ${message}`, call.width)
  call.print(`${[first!.replace('Rejected', call.paint('red', 'Rejected')), ...rest].join('\n')}\n\n`)
  const rows: [string, string][] = [['error', `${awsCode} (status ${status})`]]
  for (const [name, value] of Object.entries(details)) rows.push([wordsOf(name), value])
  if (code === 'ERR_SIGV4_ACCESS_KEY_UNKNOWN')
    rows.push(['access key ID expected', shownKeyId(credentials.accessKeyId)])
  call.print(table([...rows, ['code', code]], call))
  if (strings) {
    call.print(`\n${call.paint('bold', 'String to sign')}\n${shownStrings.stringToSign}\n`)
    call.print(`\n${call.paint('bold', 'Canonical request')}\n${shownStrings.canonicalRequest}\n`)
  }
  call.print('\n')
  printRow(call, 'Next', 'Find the cause with the same input: npx sigv4-tools explain')
  if (error.canonicalRequest !== undefined && !strings)
    call.note('To print the canonical request and string to sign, pass --strings.\n')
  if (error.canonicalRequest !== undefined && call.positionals.length > 0 && !call.has('method'))
    call.note('Verified as GET. For an upload, pass --method PUT, and its headers with -H.\n')
}

/** The name of one of AWS's elements in words: `AWSAccessKeyId` is the access key ID. */
function wordsOf(name: string): string {
  const words = name.replace(/^AWS/, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
  return words.toLowerCase().replace(/\bid\b/, 'ID')
}

/** Replaces tokens and keys in a canonical request. */
function hideNamed(canonicalRequest: string): string {
  const hide = (found: string, name: string, separator: string): string => {
    if (!isSecretName(name)) return found
    return `${name}${separator}${/token$/i.test(name) ? '[session token]' : '[hidden]'}`
  }
  return canonicalRequest.replace(/^([\w-]+)(:).+$/gm, hide).replace(/(?<![\w-])([\w-]+)(=)[^&\n]+/g, hide)
}
