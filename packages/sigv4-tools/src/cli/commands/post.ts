import { presignPost } from '../../../../../src/index.ts'
import { requireCredentials } from '../input/credentials.ts'
import { fileName, readLocation, splitObject } from '../input/target.ts'
import { dateOption, expiresOption, parsePair, parseSize } from '../input/values.ts'
import { curlForm } from '../output/curl.ts'
import { htmlForm, type OpenField } from '../output/form.ts'
import { checkCurl, checkOneOutput, noteExpiry, printJson } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { IDENTITY, LOCATION } from '../program/options.ts'

export const postCommand: Command = {
  name: 'post',
  summary: 'Create a form that uploads to S3 until it expires',
  usage: ['post s3://bucket/key|s3://bucket/prefix/ [options]'],
  notes: [
    'Prints the URL and the form fields, and to standard error those that the sender must add. If the target ends with a slash, the sender chooses the rest of the key.',
  ],
  examples: [
    [
      'an HTML form for images of up to 9 MB',
      'npx sigv4-tools post s3://pics/u/ --content-type image/ --max-size 9MB --html',
    ],
    ['upload a file now', 'npx sigv4-tools post s3://photos/cat.jpg --region eu-west-1 --curl | sh'],
    ['require metadata', 'npx sigv4-tools post s3://photos/cat.jpg --field x-amz-meta-owner=eric'],
  ],
  options: [
    'expires',
    ...LOCATION,
    'content-type',
    'min-size',
    'max-size',
    'field',
    'now',
    ...IDENTITY,
    'html',
    'curl',
    'file',
    'json',
  ],
  help: {
    'content-type': 'Content type, or a prefix such as image/',
    file: 'File that the curl command sends',
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkOneOutput(call)
  const [uri = ''] = call.positionals
  if (!/^s3:\/\//i.test(uri)) usage('the target must be s3://bucket/key or s3://bucket/prefix/.')
  checkCount(call, 1)
  const { bucket, key } = splitObject(uri)
  if (key === undefined) usage('the target does not contain a key. Pass s3://bucket/key, or s3://bucket/ for any key.')
  checkCurl(call, 'the key', key)
  const target = { bucket, ...(/\/$|^$/.test(key) ? { keyPrefix: key } : { key }), ...(await readLocation(call)) }
  const fields = Object.fromEntries(call.values('field').map((text) => parsePair('--field', text)))
  const options = {
    expires: expiresOption(call),
    now: dateOption(call, 'now'),
    contentLengthRange: readSizes(call),
    ...readType(call, fields),
    fields,
  }
  const credentials = await requireCredentials(call)
  const post = await presignPost(target, { ...options, credentials })
  const { url, expiresAt, limitedBy } = post
  const { contentTypePrefix: startsWith } = options
  const isOpen = startsWith !== undefined && !hasType(post.fields)
  const fieldsToAdd: OpenField[] = isOpen ? [{ name: 'Content-Type', startsWith }] : []
  if (call.has('json')) printJson(call, { url, fields: post.fields, fieldsToAdd, expiresAt, limitedBy })
  else if (call.has('html')) {
    // a reference to one of these stands for a different character
    if (/[\x80-\x9f]/.test(Object.values(post.fields).join('')))
      usage('a field contains a control character, which --html cannot print.')
    call.print(`${htmlForm(url, post.fields, fieldsToAdd)}\n`)
  } else if (call.has('curl')) {
    const file = fileName(call, key)
    call.print(`${curlForm(url, post.fields, file)}\n`)
  } else {
    const lines = Object.entries(post.fields).map(([name, value]) => `${name}=${value}\n`)
    call.print(`${url}\n\n${lines.join('')}`)
    for (const { name } of fieldsToAdd)
      call.note(`Add this field, and the field "file" last:\n  ${name}=… (it must start with "${startsWith}")\n`)
  }
  noteExpiry(call, 'form', expiresAt, limitedBy)
  return 0
}

function readSizes(call: Call): [min: number, max: number] | undefined {
  if (!call.has('min-size') && !call.has('max-size')) return undefined
  const min = parseSize('--min-size', call.value('min-size') ?? '0')
  const limit = call.value('max-size')
  const max = limit === undefined ? Number.MAX_SAFE_INTEGER : parseSize('--max-size', limit)
  if (min > max) usage('--min-size is larger than --max-size.')
  return [min, max]
}

function hasType(fields: Readonly<Record<string, string>>): boolean {
  return Object.keys(fields).some((name) => name.toLowerCase() === 'content-type')
}

function readType(
  call: Call,
  fields: Readonly<Record<string, string>>,
): { contentType?: string; contentTypePrefix?: string } {
  const type = call.value('content-type')
  if (type === undefined) return {}
  if (!/\/\*?$/.test(type)) return { contentType: type }
  if (call.has('curl') && !hasType(fields))
    usage(
      '--curl requires a complete content type. Add one that --content-type allows, such as --field Content-Type=image/png.',
    )
  return { contentTypePrefix: type.replace(/\*$/, '') }
}
