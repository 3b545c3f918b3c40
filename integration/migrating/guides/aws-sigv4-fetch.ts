import { fromEnvironment } from '../../../src/credentials.ts'
import { createSignedFetch, type SignedFetch, type SignedFetchOptions } from '../../../src/fetch.ts'
import { credentials, peer, type Row, type Signed, temporary, withEnvironment } from '../rows.ts'

const FUNCTION = 'https://abcdefgh.lambda-url.eu-west-1.on.aws/notes?tag=a'
const POST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":7}' }
const SCOPE = { service: 'lambda', region: 'eu-west-1' }

type Send = (fetch: SignedFetch) => Promise<unknown>
const get: Send = (fetch) => fetch(FUNCTION)

/** Returns what a function sends with a signed fetch that `create` makes from options. */
async function sent(create: (options: object) => SignedFetch, options: object, send: Send): Promise<Signed> {
  let sent: Signed | undefined
  const fetch = async (input: string | Request, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request ? input : undefined
    const headers = init?.headers ?? Object.fromEntries(request!.headers)
    sent = { url: request?.url ?? String(input), headers }
    return new Response('')
  }
  await send(create({ ...options, fetch }))
  return sent!
}

const theirs = (options: object = {}, send = get): Promise<Signed> =>
  sent(peer('aws-sigv4-fetch').createSignedFetcher, { ...SCOPE, credentials, ...options }, send)

/** aws-sigv4-fetch adds the hash of the body to requests for all services. */
const ours = (options: Partial<SignedFetchOptions> = {}, send = get): Promise<Signed> =>
  sent(createSignedFetch as never, { credentials, payloadHashHeader: true, ...options }, send)

export function rows(): Row[] {
  const search: Send = (fetch) => fetch('https://search.example.com/notes', POST)
  const es = { service: 'es', region: 'eu-west-1' }
  return [
    ['`service`', () => theirs(es, search), () => ours(es, search)],
    [
      '`region`',
      () => theirs({ ...es, region: undefined }, search),
      () => ours({ ...es, region: 'us-east-1' }, search),
    ],
    [
      '`credentials`',
      () => theirs({ credentials: async () => temporary }),
      () => ours({ credentials: async () => temporary }),
    ],
    [
      'no `credentials`',
      () => withEnvironment(temporary, {}, () => theirs({ credentials: undefined })),
      () => withEnvironment(temporary, {}, () => ours({ credentials: fromEnvironment() })),
    ],
    ['`fetch`', () => theirs(), () => ours()],
    [
      '`signedFetch(url, init)`',
      () => theirs({}, (fetch) => fetch(FUNCTION, POST)),
      () => ours({}, (fetch) => fetch(FUNCTION, POST)),
    ],
    [
      '`signedFetch(request)`',
      () => theirs({}, (fetch) => fetch(new Request(FUNCTION, POST))),
      () => ours({}, (fetch) => fetch(new Request(FUNCTION, POST))),
    ],
    ['`x-amz-content-sha256`', () => theirs(), () => ours({ payloadHashHeader: true })],
  ]
}
