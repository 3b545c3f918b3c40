import type * as fetching from '../../../src/fetch.ts'
import { equal, refused } from '../harness.ts'
import type { PlatformCase } from './platform.ts'

// A signed fetch over a function in place of the network: what is sent, and what is sent again.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const signedAt = 1_440_938_160_000
const QUEUES = 'https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues'
const OBJECT = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'

interface Sent {
  url: string
  init: RequestInit & { headers: Record<string, string> }
}

type Options = Partial<fetching.SignedFetchOptions>

function start(fetcher: typeof fetching, responses: readonly Response[], options: Options = {}) {
  const sent: Sent[] = []
  const send = async (input: unknown, init: unknown): Promise<Response> => {
    sent.push({ url: String((input as Request).url ?? input), init: init as Sent['init'] })
    const response = responses[sent.length - 1]
    if (!response) throw new TypeError('sent too often')
    return response
  }
  const fetch = send as NonNullable<Options['fetch']>
  return { sent, signedFetch: fetcher.createSignedFetch({ credentials, fetch, ...options }) }
}

const ok = (): Response => new Response('done')

/** What the body of a sent request arrives as. */
const textOf = (sent: Sent | undefined): Promise<string> => new Response(sent!.init.body as BodyInit).text()

export function fetchingCases(fetcher: typeof fetching): PlatformCase[] {
  const needs = ['subtle', 'Request', 'URL', 'Blob', 'FormData'] as const
  const cases: Record<string, PlatformCase[2]> = {
    'signs a request': async (output) => {
      const { signedFetch, sent } = start(fetcher, [ok()], { now: signedAt })
      const response = await signedFetch(QUEUES, {
        method: 'POST',
        body: Uint8Array.of(98),
        headers: { 'X-Custom': ' 1  2 ' },
      })
      equal(await response.text(), 'done')
      const { authorization, ...others } = sent[0]!.init.headers
      output('signed fetch', authorization)
      equal(others['x-custom'], '1  2')
    },
    'accepts a Request and a URL': async () => {
      const { signedFetch, sent } = start(fetcher, [ok(), ok()], { now: signedAt })
      const init = { method: 'PUT', body: 'text', headers: { 'content-type': 'text/plain' } }
      await signedFetch(new Request(OBJECT, init))
      await signedFetch(new URL(OBJECT), init)
      equal(sent[0]!.init.headers, sent[1]!.init.headers)
      equal(await textOf(sent[0]), 'text')
    },
    'sends a body again, signed anew': async () => {
      const form = new FormData()
      form.append('name', 'value')
      for (const [body, text] of [
        ['text', 'text'],
        [Uint8Array.of(98), 'b'],
        [new Blob(['blob']), 'blob'],
        [new URLSearchParams({ a: 'b c' }), 'a=b+c'],
        [form, undefined],
      ] as const) {
        const { signedFetch, sent } = start(fetcher, [new Response(null, { status: 503 }), ok()])
        equal((await signedFetch(OBJECT, { method: 'POST', body })).status, 200)
        const texts = [await textOf(sent[0]), await textOf(sent[1])]
        equal(texts[0], text ?? texts[1])
        if (!text) equal(texts[0]!.includes(/boundary=(.+)/.exec(sent[0]!.init.headers['content-type']!)![1]!), true)
      }
    },
    'repeats a network error for GET, and not for POST': async () => {
      const { signedFetch, sent } = start(fetcher, [])
      await refusal(signedFetch(QUEUES), 'sent too often')
      equal(sent.length, 3)
      await refusal(signedFetch(QUEUES, { method: 'POST' }), 'sent too often')
      equal(sent.length, 4)
    },
    'obtains other credentials for a token that has expired': async () => {
      const expired = new Response('<Error><Code>ExpiredToken</Code></Error>', { status: 400 })
      const forced: unknown[] = []
      const { signedFetch, sent } = start(fetcher, [expired, ok()], {
        credentials: async (options) => {
          forced.push(options?.forceRefresh)
          return { ...credentials, sessionToken: `token${forced.length}` }
        },
      })
      equal((await signedFetch(OBJECT)).status, 200)
      equal(forced, [undefined, true])
      equal(sent[1]!.init.headers['x-amz-security-token'], 'token2')
    },
    'corrects the clock': async () => {
      const hour = 3_600_000
      const headers = { date: new Date(Date.now() + hour).toUTCString() }
      const rejected = new Response('{"__type":"a#InvalidSignatureException"}', { status: 400, headers })
      const { signedFetch, sent } = start(fetcher, [rejected, ok()])
      equal((await signedFetch(QUEUES)).status, 200)
      const [first, second] = sent.map(({ init }) => Number(init.headers['x-amz-date']!.replace(/\D/g, '')))
      equal(second! - first! >= 9900, true)
    },
    'sends to the region of a bucket, and never to another host': async () => {
      const moved = new Response(null, { status: 301, headers: { 'x-amz-bucket-region': 'us-west-2' } })
      const evil = new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })
      const { signedFetch, sent } = start(fetcher, [moved, evil])
      equal((await signedFetch(OBJECT)).status, 307)
      equal(
        sent.map(({ url, init }) => [url, init.redirect]),
        [
          [OBJECT, 'manual'],
          ['https://photos.s3.us-west-2.amazonaws.com/cat.jpg', 'manual'],
        ],
      )
    },
    'ends with its signal': async () => {
      const controller = new AbortController()
      const { signedFetch, sent } = start(fetcher, [new Response(null, { status: 503 })])
      const waiting = signedFetch(QUEUES, { signal: controller.signal })
      controller.abort(new Error('stopped'))
      await refusal(waiting, 'stopped')
      equal(sent.length, 0)
    },
    'names what is wrong': async () => {
      const missing = { accessKeyId: '', secretAccessKey: '' }
      await refused('ERR_SIGV4_CREDENTIALS_MISSING', () => fetcher.createSignedFetch({ credentials: missing }))
      const { signedFetch } = start(fetcher, [])
      const error = await refused('ERR_SIGV4_SCOPE_UNKNOWN', () => signedFetch('https://localhost/'))
      equal([fetcher.isSigV4Error(error), error instanceof fetcher.SigV4Error], [true, true])
    },
  }
  const streams: Record<string, PlatformCase[2]> = {
    'reads a stream, which is sent again': async () => {
      const { signedFetch, sent } = start(fetcher, [new Response(null, { status: 500 }), ok()])
      const init = { method: 'PUT', body: new Blob(['str', 'eam']).stream(), duplex: 'half' }
      equal((await signedFetch(OBJECT, init as RequestInit)).status, 200)
      equal([await textOf(sent[0]), await textOf(sent[1])], ['stream', 'stream'])
      equal(sent[0]!.init.headers['content-type'], undefined)
    },
    'sends a stream with a payload hash once': async () => {
      const { signedFetch, sent } = start(fetcher, [new Response(null, { status: 500 }), ok()])
      const aws = { payloadHash: 'UNSIGNED-PAYLOAD' }
      const init = { method: 'POST', body: new Blob(['stream']).stream(), duplex: 'half', aws }
      // Firefox cannot send a stream: it is read, and sent again
      equal((await signedFetch(QUEUES, init as RequestInit)).status, 'body' in Request.prototype ? 500 : 200)
      equal(await textOf(sent[0]), 'stream')
      equal(sent[0]!.init.headers['content-type'], undefined)
    },
  }
  return [
    ...Object.entries(cases).map(([name, run]) => [name, needs, run] as const),
    ...Object.entries(streams).map(([name, run]) => [name, [...needs, 'ReadableStream'], run] as const),
  ]
}

async function refusal(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  equal(String(error?.message).includes(message), true)
}
