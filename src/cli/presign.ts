import { type PresignedRequest, presign } from '../index.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { demandCredentials } from './credentials.ts'
import { curlCommand } from './curl.ts'
import { shown, usage } from './failure.ts'
import { IDENTITY, PLACE, SIGNATURE } from './options.ts'
import { checkOneOutput, iso, printJson } from './output.ts'
import { signingOptions } from './signing.ts'
import { type CliTarget, fileName, readTarget } from './target.ts'
import { groupPairs, parseCount, parseExpires, parseHeader, parsePair } from './values.ts'

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
  for (const [name, value] of boundHeaders(call, method)) {
    if (headers.some(([other]) => other.toLowerCase() === name))
      usage(`--${name} and -H ${name} are both given: say one`)
    headers.push([name, value])
  }
  const [download, expires] = [call.value('download'), call.value('expires')]
  if (download !== undefined && method !== 'get') usage('--download is for get')
  const query = call.values('query').map((text) => parsePair('--query', text))
  const options = {
    ...signingOptions(call, target),
    headers,
    ...(query.length && { query: groupPairs(query) }),
    ...(expires !== undefined && { expires: parseExpires(expires) }),
    ...(download !== undefined && { download }),
  }
  const credentials = await demandCredentials(call)
  const presigned = await presign(method.toUpperCase(), target.target, { ...options, credentials })
  report(call, presigned, call.has('curl') ? files(call, method, target) : {})
  return 0
}

/** Headers that have an option of their own. */
function* boundHeaders(call: Call, method: string): Generator<[name: string, value: string]> {
  for (const name of ['content-type', 'content-length'] as const) {
    const value = call.value(name)
    if (value === undefined) continue
    if (method !== 'put') usage(`--${name} is for put`)
    yield [name, name === 'content-type' ? value : String(parseCount(`--${name}`, value, Number.MAX_SAFE_INTEGER))]
  }
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
  if (call.has('json'))
    printJson(call, { method, url, headers, expiresAt: expiresAt.toISOString(), ...(limitedBy && { limitedBy }) })
  else if (call.has('curl')) call.print(`${curlCommand({ method, url, headers, ...files })}\n`)
  else {
    call.print(`${url}\n`)
    const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}\n`)
    if (lines.length)
      call.note(`Send it with exactly ${lines.length > 1 ? 'these headers' : 'this header'}:\n${lines.join('')}`)
  }
  if (limitedBy) call.note(`The credentials end first: it works until ${iso(expiresAt)}.\n`)
  call.detail(`works until ${iso(expiresAt)}`)
}
