import { hasBareEscape, uriEncode } from '../core/encoding/percent.ts'
import { parseUrl } from '../core/http/url.ts'
import { hostScope } from '../core/signing/hosts.ts'
import { readObject } from '../core/signing/target.ts'
import { objectUrl, type S3Object } from '../index.ts'
import type { Call } from './command.ts'
import { settledRegion } from './credentials.ts'
import { usage } from './failure.ts'
import { queryOption } from './values.ts'

/** What is signed for, and the region that is signed for if its host does not say it. */
export interface CliTarget {
  readonly target: string | S3Object
  readonly region: string | undefined
  /** The service behind s3://, whatever the host. */
  readonly service?: string | undefined
}

const WANTED = 'https://… or s3://bucket/key'

/** Reads a URL or `s3://bucket/key`, with the options that say where S3 is. */
export async function readTarget(call: Call, text: string | undefined): Promise<CliTarget> {
  if (text === undefined) usage(`the target is missing: ${WANTED}`)
  if (/^s3:\/\//i.test(text)) return readS3Target(call, text)
  if (!/^https?:\/\//i.test(text)) usage(`the target must be ${WANTED}`)
  for (const name of ['endpoint', 'path-style', 'no-path-style'] as const)
    if (call.has(name)) usage(`--${name} is for s3://bucket/key: a URL says where it goes`)
  checkEscapes('the URL', text)
  return { target: text, region: await regionFor(call, text, 'target') }
}

/** Throws if a `%` starts no escape. The library's error about it looks like the one about a dot segment. */
function checkEscapes(name: string, url: string): void {
  if (hasBareEscape(url)) usage(`${name} contains an unescaped %: encode it as %25`)
}

/** Takes `s3://bucket/key` apart; the key is raw text, as it is for the AWS CLI. */
export function splitObject(text: string): { bucket: string; key: string | undefined } {
  const [, bucket = '', key] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(text) ?? []
  if (bucket === '') usage('s3:// must be followed by the name of a bucket: s3://bucket/key')
  return { bucket, key }
}

async function readS3Target(call: Call, text: string): Promise<CliTarget> {
  const { bucket, key = '' } = splitObject(text)
  const place = await readPlace(call)
  const { region } = place
  const target = { bucket, key, ...place }
  return { target, region, service: readObject(target, region).service }
}

/** Where S3 is. */
export async function readPlace(call: Call): Promise<Omit<S3Object, 'bucket' | 'key'>> {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS } = call.terminal.env
  const isIgnored = /^true$/i.test(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? '')
  const endpoint = call.value('endpoint') || (!isIgnored && (AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL)) || undefined
  if (endpoint) checkEscapes('--endpoint', endpoint)
  if (call.has('path-style') && call.has('no-path-style')) usage('--path-style and --no-path-style are both given')
  const pathStyle = call.has('path-style') ? true : call.has('no-path-style') ? false : undefined
  const region = await regionFor(call, endpoint, 'target.endpoint')
  if (!region)
    usage(`there is no region: pass --region${endpoint ? '' : ', or --endpoint for another server'}, or set AWS_REGION`)
  return { region, endpoint, pathStyle }
}

/** The region that is asked for; else, where the host does not say one, that of the environment. */
async function regionFor(call: Call, url: string | undefined, argument: string): Promise<string | undefined> {
  const asked = call.value('region')
  if (asked !== undefined) return asked
  const said = url === undefined ? undefined : hostScope(parseUrl(url, argument).host).region
  return said ?? (await settledRegion(call))
}

/** The target as a URL, the parameters of --query added. */
export function targetUrl({ target }: CliTarget, call: Call): string {
  const url = typeof target === 'string' ? target : objectUrl(target)
  const pairs = queryOption(call)
  if (!pairs.length) return url
  const added = pairs.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join('&')
  return `${url}${url.includes('?') ? '&' : '?'}${added}`
}

/** The last part of the key or of the path, as the name of a file. */
export function fileName(call: Call, { target }: CliTarget): string {
  const asked = call.value('file')
  if (asked) return asked
  let path = typeof target === 'string' ? parseUrl(target, 'target').path : target.key
  try {
    if (typeof target === 'string') path = decodeURIComponent(path)
  } catch {}
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name === '-' ? './-' : /^\.{0,2}$|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name) ? 'FILE' : name
}
