import { sign } from '../index.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { demandCredentials } from './credentials.ts'
import { curlCommand } from './curl.ts'
import { usage } from './failure.ts'
import { readBody } from './files.ts'
import { IDENTITY, PLACE, SIGNATURE } from './options.ts'
import { checkOneOutput, printJson } from './output.ts'
import { signingOptions } from './signing.ts'
import { readTarget, targetUrl } from './target.ts'
import { addHeader, parseHeader, parseMethod } from './values.ts'

export const signCommand: Command = {
  name: 'sign',
  summary: 'sign a request in its headers',
  usage: ['sign METHOD URL|s3://bucket/key [options]'],
  notes: ['Prints the headers to send, one on a line. Nothing is sent: --curl prints the command that does.'],
  examples: [
    [
      'list the tables of DynamoDB',
      [
        "sigv4 sign POST https://dynamodb.eu-west-1.amazonaws.com/ --data '{}' --curl \\",
        "-H 'content-type: application/x-amz-json-1.0' -H 'x-amz-target: DynamoDB_20120810.ListTables'",
      ].join('\n    '),
    ],
    ['the headers alone, for a client of yours', 'sigv4 sign GET https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'],
    ['a body from a file', 'sigv4 sign PUT s3://photos/cat.jpg --region eu-west-1 --data-file cat.jpg --curl | sh'],
  ],
  options: [
    ...PLACE,
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
    header: 'header to send; signed, unless clients and proxies change it; repeatable',
    'content-type': 'content type to send',
    'payload-hash': 'SHA-256 of the body in hex, or UNSIGNED-PAYLOAD (default that of the body)',
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkOneOutput(call)
  const [word, place] = call.positionals
  if (word === undefined) usage('the method is missing: sigv4 sign GET https://…')
  if (/^[a-z\d]+:\/\//i.test(word)) usage('the method comes before the URL: sigv4 sign GET https://…')
  const method = parseMethod(word)
  checkCount(call, 2)
  const target = await readTarget(call, place)
  const headers = call.values('header').map(parseHeader)
  const type = call.value('content-type')
  if (type !== undefined) addHeader(headers, 'content-type', type)
  const url = targetUrl(target, call)
  const options = signingOptions(call, target)
  const credentials = await demandCredentials(call)
  const body = await readBody(call)
  const request = { method, url, headers, ...(body && { body: body.bytes }) }
  const signed = await sign(request, { ...options, credentials })
  const { body: _, ...result } = signed
  if (call.has('json')) printJson(call, result)
  else if (call.has('curl')) call.print(`${curlCommand({ ...result, body: body?.source })}\n`)
  else {
    for (const [name, value] of Object.entries(signed.headers)) call.print(`${name}: ${value}\n`)
    if (signed.url !== place) call.note(`Send them with ${signed.method} to:\n  ${signed.url}\n`)
  }
  return 0
}
