import type * as sigv4aEntry from '../../src/sigv4a.ts'
import type * as streamsEntry from '../../src/streams.ts'
import type * as verifyEntry from '../../src/verify.ts'
import type { Group, Setting, Test } from '../../suite/format/format.ts'
import { headerOf, type RawRequest, splitRequest, toBytes } from '../../suite/test/requests.ts'

// Runs tests of the suite with the functions that verify.

/** The functions that verify, and an algorithm. */
export type Verifiers = Pick<typeof verifyEntry, 'verify' | 'verifyPost'> &
  Pick<typeof streamsEntry, 'verifyEvents'> &
  Pick<typeof sigv4aEntry, 'sigv4a'>

/** The parts of an error that are in the response. */
export interface Failure {
  readonly status?: number
  readonly awsCode?: string
}

/**
 * How a request is passed to `verify`: as from Node, as pairs, or as an object whose repeated headers are lists; a form as
 * pairs, as FormData, or as an object.
 */
export const SHAPES = ['node', 'pairs', 'object'] as const
type Shape = (typeof SHAPES)[number]

/** Options of all functions. */
type More = Pick<verifyEntry.VerifyOptions, 'hideUnknownKeys' | 'payload'>

/** Returns the error of a test; nothing if its request is accepted. */
export async function failureOf(
  verifiers: Verifiers,
  test: Test,
  group: Group,
  shape: Shape = 'node',
  more: More = {},
): Promise<Failure | undefined> {
  const runs = {
    s3: verifyRequest,
    service: verifyRequest,
    sigv4a: verifyRequest,
    's3-post': verifyForm,
    events: verifyStream,
  }
  return runs[group.profile](verifiers, test, group, shape, more).then(
    () => undefined,
    (error: Failure) => error,
  )
}

function optionsOf(setting: Setting) {
  const { accessKeyId, secretAccessKey, sessionToken, region, service, now } = setting
  const known = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  return {
    credentials: (id: string) => (id === accessKeyId ? known : undefined),
    region,
    service,
    now: Date.parse(now),
  } satisfies verifyEntry.VerifyOptions
}

async function verifyRequest(
  { verify, sigv4a }: Verifiers,
  { http }: Test,
  { profile, setting }: Group,
  shape: Shape,
  more: More,
): Promise<void> {
  const raw = splitRequest(http)
  const { verifyBody } = await verify(
    {
      method: raw.method,
      url: raw.target,
      ...headersAs(shape, raw),
      ...(!more.payload && { body: toBytes(raw.body) }),
    },
    {
      ...optionsOf(setting),
      ...more,
      allowUnsignedPayload: profile !== 'service',
      algorithms: [sigv4a],
      ...(profile !== 'service' && { pathNormalization: 'none' as const }),
    },
  )
  if (more.payload) for await (const part of verifyBody([toBytes(raw.body)])) void part
}

function headersAs(shape: Shape, { headers }: RawRequest): Pick<verifyEntry.ReceivedRequest, 'headers' | 'rawHeaders'> {
  if (shape === 'node') return { headers: {}, rawHeaders: headers.flat() }
  if (shape === 'pairs') return { headers }
  const lists: Record<string, string[]> = {}
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    lists[key] = [...(lists[key] ?? []), value]
  }
  return { headers: lists }
}

async function verifyForm(
  { verifyPost }: Verifiers,
  { http }: Test,
  { setting }: Group,
  shape: Shape,
  more: More,
): Promise<void> {
  const raw = splitRequest(http)
  const boundary = /boundary=(\S+)/.exec(headerOf(raw, 'content-type') ?? '')![1]!
  const fields: [string, string | File][] = []
  for (const part of raw.body.split(`--${boundary}\r\n`).slice(1)) {
    const end = part.indexOf('\r\n\r\n')
    const head = part.slice(0, end)
    const content = part.slice(
      end + 4,
      part.lastIndexOf('\r\n', part.endsWith('--\r\n') ? part.length - boundary.length - 7 : part.length),
    )
    const [, name = ''] = /name="([^"]*)"/.exec(head)!
    const [, filename] = /filename="([^"]*)"/.exec(head) ?? []
    fields.push([name, filename === undefined ? content : new File([toBytes(content)], filename)])
  }
  await verifyPost(fieldsAs(shape, fields), { ...optionsOf(setting), ...more, bucket: setting.bucket })
}

function fieldsAs(shape: Shape, fields: [string, string | File][]): Parameters<Verifiers['verifyPost']>[0] {
  if (shape === 'node') return fields
  const object = Object.fromEntries(fields)
  // what follows the file does not count, and an object has no order
  const isPlain = fields.at(-1)?.[0] === 'file' && Object.keys(object).length === fields.length
  if (shape === 'object' && isPlain) return object as Parameters<Verifiers['verifyPost']>[0]
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  return form
}

async function verifyStream({ verify, verifyEvents }: Verifiers, { http }: Test, { setting }: Group): Promise<void> {
  const raw = splitRequest(http)
  const { accessKeyId, secretAccessKey } = setting
  const request = { method: raw.method, url: raw.target, headers: raw.headers }
  await verify(request, { ...optionsOf(setting), payload: 'deferred' })
  for await (const event of verifyEvents([toBytes(raw.body)], {
    seed: request,
    credentials: { accessKeyId, secretAccessKey },
  }))
    void event
}
