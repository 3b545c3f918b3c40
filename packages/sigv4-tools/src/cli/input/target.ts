import { objectUrl, type S3Object } from '../../../../../src/index.ts'
import { hasBareEscape, uriEncode } from '../../../../../src/internal/encoding.ts'
import { parseUrl } from '../../../../../src/internal/http.ts'
import { hostScope, readBucket } from '../../../../../src/internal/services.ts'
import type { Call } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { defaultRegion, requireCredentials } from './credentials.ts'
import { configuredEndpoint } from './endpoint.ts'
import { parsePair } from './values.ts'

/** A URL to sign, with the parameters of --query, and the scope that its host may not identify. */
interface CliTarget {
  readonly url: string
  readonly region: string | undefined
  readonly service?: string | undefined
}

/** Reads a URL or `s3://bucket/key`, and the options that locate S3. */
export async function readTarget(call: Call, text: string | undefined): Promise<CliTarget> {
  if (text === undefined) usage('the target is missing. Pass https://… or s3://bucket/key.')
  if (/^s3:\/\//i.test(text)) return readS3Target(call, text)
  if (!/^https?:\/\//i.test(text)) usage('the target must be https://… or s3://bucket/key.')
  for (const name of ['endpoint', 'path-style', 'no-path-style'] as const)
    if (call.has(name)) usage(`--${name} cannot be combined with a URL. Pass s3://bucket/key.`)
  checkEscapes('the URL', text)
  return { url: withQuery(call, text), region: await regionFor(call, text, 'target') }
}

/** Throws if a `%` is unescaped. The library reports it with the same reason as a dot segment. */
function checkEscapes(name: string, url: string): void {
  if (hasBareEscape(url)) usage(`${name} contains an unescaped %. Encode it as %25.`)
}

/** Splits `s3://bucket/key`. The key is unencoded, as in the AWS CLI. */
export function splitObject(text: string): { bucket: string; key: string | undefined } {
  const [, bucket = '', key] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(text) ?? []
  if (bucket === '') usage('the bucket name is missing. Pass s3://bucket/key.')
  return { bucket, key }
}

async function readS3Target(call: Call, text: string): Promise<CliTarget> {
  const { bucket, key } = splitObject(text)
  const location = await readLocation(call)
  const { region } = location
  const { origin, host, path, service } = readBucket({ bucket, ...location }, region)
  if (!key) {
    const option = hostScope(host).service ? '' : ` with --service ${service}`
    usage(`the target does not contain a key. For the bucket, pass ${origin}${path}${option}.`)
  }
  return { url: withQuery(call, objectUrl({ bucket, key, ...location })), region, service }
}

/** Reads the endpoint, region and path style. */
export async function readLocation(call: Call): Promise<Omit<S3Object, 'bucket' | 'key'>> {
  const endpoint = call.value('endpoint') || configuredEndpoint(call.terminal, 'S3')
  if (endpoint) checkEscapes('--endpoint', endpoint)
  if (call.has('path-style') && call.has('no-path-style')) usage('--path-style and --no-path-style cannot be combined.')
  const pathStyle = call.has('path-style') ? true : call.has('no-path-style') ? false : undefined
  const region = await regionFor(call, endpoint, 'target.endpoint')
  if (!region) {
    // a profile that signs in elsewhere has no region either, and the credentials are what it lacks
    await requireCredentials(call)
    usage(
      endpoint
        ? 'the region is missing. Pass --region or set AWS_REGION.'
        : 'the region is missing. Pass --region, pass --endpoint for an S3-compatible server, or set AWS_REGION.',
    )
  }
  return { region, endpoint, pathStyle }
}

/** Returns the region from --region, the host, the environment or the profile. */
async function regionFor(call: Call, url: string | undefined, argument: string): Promise<string | undefined> {
  const option = call.value('region')
  if (option !== undefined) return option
  const region = url === undefined ? undefined : hostScope(parseUrl(url, argument).host).region
  return region ?? (await defaultRegion(call))
}

function withQuery(call: Call, url: string): string {
  const pairs = call.values('query').map((text) =>
    parsePair('--query', text)
      .map((part) => uriEncode(part))
      .join('='),
  )
  return pairs.length ? `${url}${url.includes('?') ? '&' : '?'}${pairs.join('&')}` : url
}

/** Returns the value of --file, or the last segment of a key. */
export function fileName(call: Call, key: string): string {
  const option = call.value('file')
  if (option) return option
  const name = key.slice(key.lastIndexOf('/') + 1)
  return name === '-' ? './-' : /^\.{0,2}$|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name) ? 'FILE' : name
}
