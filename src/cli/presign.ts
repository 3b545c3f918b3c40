import { type PresignedRequest, presign } from '../index.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { demandCredentials } from './credentials.ts'
import { curlCommand } from './curl.ts'
import { shown, usage } from './failure.ts'
import { IDENTITY, PLACE, SIGNATURE } from './options.ts'
import { checkOneOutput, noteExpiry, printJson } from './output.ts'
import { signingOptions } from './signing.ts'
import { type CliTarget, fileName, readTarget } from './target.ts'
import { addHeader, expiresOption, groupPairs, parseCount, parseHeader, queryOption } from './values.ts'

const METHODS = ['get', 'put', 'head', 'delete']

export const presignCommand: Command = {
  name: 'presign',
  summary: 'make a URL that works without credentials until it expires',
  usage: ['presign get|put|head|delete URL|s3://bucket/key [options]'],
  notes: [
    'Prints the URL. If headers must be sent with it, they are listed on standard error; --json and --curl have everything.',
    'A key behind s3:// is raw text; a URL is taken as escaped already.',
  ],
  examples: [
    ['a link to a private file, for a quarter of an hour', 'sigv4 presign get s3://photos/cat.jpg --region eu-west-1'],
    [
      'upload a PDF, and nothing else, within an hour',
      'sigv4 presign put s3://photos/cat.pdf --content-type application/pdf --expires 1h --curl',
    ],
    [
      'an object on a server of your own',
      'sigv4 presign get s3://photos/cat.jpg --endpoint http://localhost:9000 --region us-east-1',
    ],
    [
      'any other request of AWS',
      "sigv4 presign get 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15'",
    ],
  ],
  options: [
    'expires',
    ...PLACE,
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
    expires: 'how long the URL works: 90s, 15m, 12h, 7d, or a date (default 15m, at most 7d)',
    'content-type': 'put: content type that must be sent',
    'content-length': 'put: length that the upload must have',
    download: 'get: file name that S3 offers to browsers',
    file: "file that the command of --curl uploads or saves (default for put: the key's last part)",
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkOneOutput(call)
  const [word, place] = call.positionals
  const method = word?.toLowerCase() ?? ''
  if (!METHODS.includes(method))
    usage(
      /^[a-z\d]+:\/\//i.test(method)
        ? 'get, put, head or delete comes before the URL'
        : method === 'post'
          ? "forms are made by 'sigv4 post'; a URL is for get, put, head or delete"
          : `presign makes a URL for get, put, head or delete${word === undefined ? ': say which' : `, not${shown(word) || ' for that'}`}`,
    )
  checkCount(call, 2)
  const target = await readTarget(call, place)
  const headers = call.values('header').map(parseHeader)
  for (const name of ['content-type', 'content-length'] as const) {
    const value = call.value(name)
    if (value === undefined) continue
    if (method !== 'put') usage(`--${name} is for put`)
    const count = name === 'content-length' && parseCount(`--${name}`, value, Number.MAX_SAFE_INTEGER)
    addHeader(headers, name, count === false ? value : String(count))
  }
  const download = call.value('download')
  if (download !== undefined && method !== 'get') usage('--download is for get')
  const options = {
    ...signingOptions(call, target),
    headers,
    query: groupPairs(queryOption(call)),
    expires: expiresOption(call),
    download,
  }
  const credentials = await demandCredentials(call)
  const presigned = await presign(method.toUpperCase(), target.target, { ...options, credentials })
  report(call, presigned, call.has('curl') ? files(call, method, target) : {})
  return 0
}

/** What the command of --curl uploads or saves. A bucket is made without a file. */
function files(call: Call, method: string, target: CliTarget): { upload?: string; output?: string } {
  const file = call.value('file')
  const isBucket = typeof target.target === 'object' && 'key' in target.target && target.target.key === ''
  if (method === 'get' && file) return { output: file }
  return method === 'put' && (file || !isBucket) ? { upload: fileName(call, target) } : {}
}

function report(call: Call, presigned: PresignedRequest, files: { upload?: string; output?: string }): void {
  const { method, url, headers, expiresAt, limitedBy } = presigned
  if (call.has('json')) printJson(call, { method, url, headers, expiresAt, limitedBy })
  else if (call.has('curl')) call.print(`${curlCommand({ method, url, headers, ...files })}\n`)
  else {
    call.print(`${url}\n`)
    const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}\n`)
    if (lines.length)
      call.note(`Send it with exactly ${lines.length > 1 ? 'these headers' : 'this header'}:\n${lines.join('')}`)
  }
  noteExpiry(call, 'it', expiresAt, limitedBy)
}
