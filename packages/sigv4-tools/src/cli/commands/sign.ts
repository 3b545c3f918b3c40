import { sign } from '../../../../../src/index.ts'
import { requireCredentials } from '../input/credentials.ts'
import { readBody } from '../input/files.ts'
import { readTarget } from '../input/target.ts'
import { addHeader, parseHeader, parseMethod, signingOptions } from '../input/values.ts'
import { curlCommand } from '../output/curl.ts'
import { checkOneOutput, printJson } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { IDENTITY, LOCATION, SIGNATURE } from '../program/options.ts'

export const signCommand: Command = {
  name: 'sign',
  summary: 'Sign a request with an Authorization header',
  usage: ['sign METHOD URL|s3://bucket/key [options]'],
  notes: [
    'Prints the headers to send, one per line. Does not send the request: --curl prints a command that sends it.',
  ],
  examples: [
    ['headers for any client', 'npx sigv4-tools sign GET https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'],
    ['send a file', 'npx sigv4-tools sign PUT s3://photos/cat.jpg --data-file cat.jpg --curl | sh'],
    [
      'list DynamoDB tables',
      [
        "npx sigv4-tools sign POST https://dynamodb.us-east-1.amazonaws.com/ -d '{}' \\",
        "-H 'content-type: application/x-amz-json-1.0' \\",
        "-H 'x-amz-target: DynamoDB_20120810.ListTables' --curl | sh",
      ].join('\n    '),
    ],
  ],
  options: [
    ...LOCATION,
    'header',
    'query',
    'content-type',
    'data',
    'data-file',
    ...SIGNATURE,
    ...IDENTITY,
    'curl',
    'json',
  ],
  help: {
    header: 'Header to send (repeatable)',
    'content-type': 'Content type to send',
    'payload-hash': 'SHA-256 of the body, or UNSIGNED-PAYLOAD',
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkOneOutput(call)
  const [name, destination] = call.positionals
  if (name === undefined) usage("the method is missing. Use 'npx sigv4-tools sign GET URL'.")
  if (/^[a-z\d]+:\/\//i.test(name)) usage("the method must precede the URL. Use 'npx sigv4-tools sign GET URL'.")
  const method = parseMethod(name)
  checkCount(call, 2)
  const target = await readTarget(call, destination)
  const headers = call.values('header').map((text) => parseHeader(text))
  const type = call.value('content-type')
  if (type !== undefined) addHeader(headers, 'content-type', type)
  const { url } = target
  const options = signingOptions(call, target)
  const credentials = await requireCredentials(call)
  const body = await readBody(call)
  const request = { method, url, headers, ...(body && { body: body.bytes }) }
  const signed = await sign(request, { ...options, credentials })
  const { body: _, ...result } = signed
  if (call.has('json')) printJson(call, result)
  else if (call.has('curl')) call.print(`${curlCommand({ ...result, body: body?.source })}\n`)
  else {
    for (const [header, value] of Object.entries(signed.headers)) call.print(`${header}: ${value}\n`)
    if (signed.url !== destination) call.note(`Send them with a ${signed.method} request to:\n  ${signed.url}\n`)
  }
  return 0
}
