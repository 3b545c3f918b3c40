import { type PresignedRequest, presign } from '../../../../../src/index.ts'
import { decode } from '../../../../../src/internal/encoding.ts'
import { parseUrl } from '../../../../../src/internal/http.ts'
import { requireCredentials } from '../input/credentials.ts'
import { fileName, readTarget } from '../input/target.ts'
import { addHeader, expiresOption, parseCount, parseHeader, signingOptions } from '../input/values.ts'
import { curlCommand } from '../output/curl.ts'
import { checkOneOutput, noteExpiry, printJson } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { got, usage } from '../program/errors.ts'
import { IDENTITY, LOCATION, SIGNATURE } from '../program/options.ts'

const METHODS = ['get', 'put', 'head', 'delete']

export const presignCommand: Command = {
  name: 'presign',
  summary: 'Create a URL that works without credentials until it expires',
  usage: ['presign get|put|head|delete URL|s3://bucket/key [options]'],
  notes: [
    'Prints the URL, and to standard error the headers that must be sent with it. Pass the key of an s3:// target unencoded, and a URL percent-encoded.',
  ],
  examples: [
    ['a link to a private file', 'npx sigv4-tools presign get s3://photos/cat.jpg --region eu-west-1'],
    ['a command that uploads a file', 'npx sigv4-tools presign put s3://photos/cat.jpg --expires 1h --curl'],
    ['an S3-compatible server', 'npx sigv4-tools presign get s3://photos/a.jpg --endpoint http://localhost:9000'],
  ],
  options: [
    'expires',
    ...LOCATION,
    'content-type',
    'content-length',
    'download',
    'header',
    'query',
    ...SIGNATURE,
    ...IDENTITY,
    'curl',
    'file',
    'json',
  ],
  help: {
    'content-type': 'Content type that must be sent (put only)',
    'content-length': 'Length that the upload must have (put only)',
    download: 'File name in browsers (get only)',
    file: 'File that the curl command uploads or saves',
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkOneOutput(call)
  const [name = '', destination] = call.positionals
  const method = name.toLowerCase()
  if (!METHODS.includes(method))
    usage(
      /^[a-z\d]+:\/\//i.test(method)
        ? "the method must precede the URL. Use 'npx sigv4-tools presign get URL'."
        : `the method must be get, put, head, or delete${got(name)}.${method === 'post' ? " To create a form, use 'npx sigv4-tools post'." : ''}`,
    )
  checkCount(call, 2)
  const target = await readTarget(call, destination)
  const headers = call.values('header').map((text) => parseHeader(text))
  for (const name of ['content-type', 'content-length'] as const) {
    const value = call.value(name)
    if (value === undefined) continue
    if (method !== 'put') usage(`--${name} is supported only for put.`)
    const count = name === 'content-length' && parseCount(`--${name}`, value, Number.MAX_SAFE_INTEGER)
    addHeader(headers, name, count === false ? value : String(count))
  }
  const download = call.value('download')
  if (download !== undefined && method !== 'get') usage('--download is supported only for get.')
  const options = {
    ...signingOptions(call, target),
    headers,
    expires: expiresOption(call),
    download,
  }
  const credentials = await requireCredentials(call)
  const presigned = await presign(method.toUpperCase(), target.url, { ...options, credentials })
  report(call, presigned, call.has('curl') ? files(call, method, target.url) : {})
  return 0
}

/** Returns the file that the curl command uploads or saves. */
function files(call: Call, method: string, url: string): { upload?: string; output?: string } {
  const file = call.value('file')
  if (method === 'get' && file) return { output: file }
  return method === 'put' ? { upload: fileName(call, decode(parseUrl(url, 'target').path)) } : {}
}

function report(call: Call, presigned: PresignedRequest, files: { upload?: string; output?: string }): void {
  const { method, url, headers, expiresAt, limitedBy } = presigned
  if (call.has('json')) printJson(call, { method, url, headers, expiresAt, limitedBy })
  else if (call.has('curl')) call.print(`${curlCommand({ method, url, headers, ...files })}\n`)
  else {
    call.print(`${url}\n`)
    const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}\n`)
    if (lines.length)
      call.note(`Send exactly ${lines.length > 1 ? 'these headers' : 'this header'} with it:\n${lines.join('')}`)
  }
  noteExpiry(call, 'URL', expiresAt, limitedBy)
}
