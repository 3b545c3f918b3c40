import { describe, expect, it } from 'vitest'
import { sigv4a } from '../../src/sigv4a.ts'
import { verifyEvents } from '../../src/streams.ts'
import { type VerifyOptions, verify, verifyPost } from '../../src/verify.ts'
import type { Group, Setting, Test } from '../../tools/suite/format.ts'
import { GROUPS } from './files.ts'
import { isKnown } from './known.ts'
import { headerOf, splitRequest, toBytes } from './requests.ts'

// verify, verifyPost and verifyEvents accept and reject what the suite says.

/** The parts of an error that are in the response. */
type Failure = { readonly status?: number; readonly awsCode?: string }

function optionsOf(setting: Setting) {
  const { accessKeyId, secretAccessKey, sessionToken, region, service, now } = setting
  const known = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  return {
    credentials: (id: string) => (id === accessKeyId ? known : undefined),
    region,
    service,
    now: Date.parse(now),
  } satisfies VerifyOptions
}

async function verifyRequest({ http }: Test, { profile, setting }: Group): Promise<void> {
  const raw = splitRequest(http)
  await verify(
    {
      method: raw.method,
      url: raw.target,
      headers: {},
      rawHeaders: raw.headers.flat(),
      body: toBytes(raw.body),
    },
    {
      ...optionsOf(setting),
      allowUnsignedPayload: profile !== 'service',
      algorithms: [sigv4a],
      ...(profile !== 'service' && { pathNormalization: 'none' as const }),
    },
  )
}

async function verifyForm({ http }: Test, { setting }: Group): Promise<void> {
  const raw = splitRequest(http)
  const boundary = /boundary=(\S+)/.exec(headerOf(raw, 'content-type') ?? '')![1]!
  const fields: [string, unknown][] = []
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
  await verifyPost(fields, { ...optionsOf(setting), bucket: setting.bucket })
}

async function verifyStream({ http }: Test, { setting }: Group): Promise<void> {
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

const RUNS = {
  s3: verifyRequest,
  service: verifyRequest,
  sigv4a: verifyRequest,
  's3-post': verifyForm,
  events: verifyStream,
}

for (const group of GROUPS)
  describe(group.id, () => {
    // a checksum in a header is checked by what stores the body
    for (const test of group.tests)
      it.skipIf(test.layer === 'storage')(test.id, async () => {
        const error: Failure | undefined = await RUNS[group.profile](test, group).then(
          () => undefined,
          (error) => error,
        )
        if (test.result !== 'acceptable')
          expect(error && String(error), test.comment).toEqual(test.result === 'valid' ? undefined : expect.any(String))
        if (!error || !test.aws || isKnown(test, group)) return
        const { status = error.status, code = error.awsCode } = test.aws
        expect([error.status, error.awsCode]).toEqual([status, code])
      })
  })
