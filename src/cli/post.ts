import { presignPost } from '../index.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { demandCredentials } from './credentials.ts'
import { curlForm } from './curl.ts'
import { usage } from './failure.ts'
import { IDENTITY, PLACE } from './options.ts'
import { checkCurl, checkOneOutput, noteExpiry, printJson } from './output.ts'
import { fileName, readPlace, splitObject } from './target.ts'
import { dateOption, expiresOption, parsePair, parseSize } from './values.ts'

export const postCommand: Command = {
  name: 'post',
  summary: 'make a form that uploads to S3 without credentials until it expires',
  usage: ['post s3://bucket/key|s3://bucket/prefix/ [options]'],
  notes: [
    'Prints the URL and the fields of the form; the file comes behind them, as the field "file".',
    'A target that ends with a slash lets the sender choose the key behind it.',
  ],
  examples: [
    [
      'pictures of at most 10 MB, into one folder',
      'sigv4 post s3://photos/user/eric/ --region eu-west-1 --content-type image/ --max-size 10MB --json',
    ],
    ['send one file at once', 'sigv4 post s3://photos/cat.jpg --region eu-west-1 --curl | sh'],
    ['with metadata', 'sigv4 post s3://photos/cat.jpg --region eu-west-1 --field x-amz-meta-owner=eric'],
  ],
  options: [
    'expires',
    ...PLACE,
    'content-type',
    'min-size',
    'max-size',
    'field',
    'signing-date',
    ...IDENTITY,
    'curl',
    'file',
    'json',
  ],
  help: {
    'content-type': 'content type of the file; one that ends with a slash, image/, is how it must start',
    expires: 'how long the form works: 90s, 15m, 12h, 7d, or a date (default 15m, at most 7d)',
    file: "file that the command of --curl sends (default: the key's last part)",
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkOneOutput(call)
  const [place = ''] = call.positionals
  if (!/^s3:\/\//i.test(place)) usage('the target must be s3://bucket/key, or s3://bucket/prefix/')
  checkCount(call, 1)
  const { bucket, key } = splitObject(place)
  if (key === undefined) usage('the target must say where to upload to: s3://bucket/key; s3://bucket/ allows every key')
  checkCurl(call, 'the key', key)
  const target = { bucket, ...(/\/$|^$/.test(key) ? { keyPrefix: key } : { key }), ...(await readPlace(call)) }
  const fields = Object.fromEntries(call.values('field').map((text) => parsePair('--field', text)))
  const options = {
    expires: expiresOption(call),
    signingDate: dateOption(call, 'signing-date'),
    contentLengthRange: readSizes(call),
    ...readType(call, fields),
    fields,
  }
  const credentials = await demandCredentials(call)
  const post = await presignPost(target, { ...options, credentials })
  const { url, expiresAt, limitedBy } = post
  if (call.has('json')) printJson(call, { url, fields: post.fields, expiresAt, limitedBy })
  else if (call.has('curl')) {
    const file = fileName(call, { target: { bucket, key }, region: undefined })
    call.print(`${curlForm(url, post.fields, file)}\n`)
  } else {
    const lines = Object.entries(post.fields).map(([name, value]) => `${name}=${value}\n`)
    call.print(`${url}\n\n${lines.join('')}`)
  }
  noteExpiry(call, 'the form', expiresAt, limitedBy)
  return 0
}

function readSizes(call: Call): [min: number, max: number] | undefined {
  if (!call.has('min-size') && !call.has('max-size')) return undefined
  const min = parseSize('--min-size', call.value('min-size') ?? '0')
  const given = call.value('max-size')
  const max = given === undefined ? Number.MAX_SAFE_INTEGER : parseSize('--max-size', given)
  if (min > max) usage('--min-size is more than --max-size')
  return [min, max]
}

function readType(
  call: Call,
  fields: Readonly<Record<string, string>>,
): { contentType?: string; contentTypePrefix?: string } {
  const type = call.value('content-type')
  if (type === undefined) return {}
  if (!/\/\*?$/.test(type)) return { contentType: type }
  if (call.has('curl') && !Object.keys(fields).some((name) => name.toLowerCase() === 'content-type'))
    usage(
      `--curl must know the whole content type: add --field Content-Type=image/png, or another that --content-type allows`,
    )
  return { contentTypePrefix: type.replace(/\*$/, '') }
}
