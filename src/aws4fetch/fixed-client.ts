import { fail } from '../core/errors.ts'
import type { WebRequest, WebResponse } from '../core/http/platform.ts'
import type { SignedFetch } from '../fetch/options.ts'
import { createSignedFetch } from '../fetch/signed-fetch.ts'
import { AwsClient } from './client.ts'
import { FixedSigner, readSigning } from './fixed-signer.ts'
import type { AwsClientOptions, AwsRequestInit, AwsRequestInput } from './options.ts'
import { HASH_HEADER } from './signer.ts'

/** The signed fetch of a client, and the options that it was created with. */
interface Sender {
  readonly given: readonly unknown[]
  readonly send: SignedFetch
}

const SENDERS: WeakMap<AwsClient, Sender> = /* @__PURE__ */ new WeakMap()

/** `AwsClient` without the bugs: `fetch` is a signed fetch, and `sign` keeps the settings of a `Request`. */
export class FixedClient extends AwsClient {
  override async sign(input: AwsRequestInput, init?: AwsRequestInit | null): Promise<WebRequest> {
    const { aws, ...rest } = withMethod(input, init)
    const source = reusable(input)
    const request = new Request(source, { duplex: 'half', ...rest } as RequestInit)
    const { url, headers } = request
    const signer = new FixedSigner({ ...this, ...aws, method: request.method, url, headers })
    const isStreamed = headers.has(HASH_HEADER)
    const bytes = isStreamed ? undefined : await request.clone().arrayBuffer()
    signer.body = bytes
    const signed = await signer.sign()
    const body = bytes?.byteLength ? bytes : undefined // GET cannot have an empty one
    const settings = { method: signed.method, headers: signed.headers, body } as RequestInit
    return typeof source === 'string' && !isStreamed
      ? new Request(signed.url, { ...rest, ...settings })
      : new Request(retarget(request, signed.url), settings)
  }

  override async fetch(input: AwsRequestInput, init?: AwsRequestInit | null): Promise<WebResponse> {
    const { aws, ...rest } = withMethod(input, init)
    const options = { ...this, ...aws }
    if (options.signQuery) return super.fetch(input, init)
    const source = reusable(input)
    const { url, headers } = source instanceof Request ? source : { url: source, headers: undefined }
    const request = readSigning(options, new URL(url), new Headers(rest.headers ?? headers))
    const target = retarget(source, request.url)
    return senderOf(this, options)(target, { ...rest, headers: request.headers, aws: request.signing })
  }
}

function withMethod(input: AwsRequestInput, init: AwsRequestInit | null | undefined): AwsRequestInit {
  return init?.body && !init.method && !(input instanceof Request) ? { ...init, method: 'POST' } : (init ?? {})
}

/** Returns a copy of a `Request`, so that it can be sent again, unless its body is a stream that is not hashed. */
function reusable(input: AwsRequestInput): string | Request {
  if (!(input instanceof Request)) return input.toString()
  return input.headers.has(HASH_HEADER) ? input : input.clone()
}

function retarget(input: string | Request, { href }: URL): string | Request {
  return typeof input === 'string' ? href : input.url === href ? input : new Request(href, input)
}

/** Returns the signed fetch for the options of a request; it is kept until they change. */
function senderOf(client: AwsClient, options: AwsClientOptions): SignedFetch {
  const { accessKeyId, secretAccessKey, sessionToken, retries, initRetryMs } = options
  if (!(retries! >= 0)) fail('ERR_INVALID_ARG_VALUE', 'options.retries', 'range', 'Pass 0 or more.')
  const given = [accessKeyId, secretAccessKey, sessionToken, retries, initRetryMs]
  let sender = SENDERS.get(client)
  if (!sender?.given.every((value, i) => value === given[i])) {
    const credentials = { accessKeyId, secretAccessKey, sessionToken }
    const retry = { attempts: retries! + 1, baseDelay: initRetryMs }
    // aws4fetch has no limit
    const send = createSignedFetch({ credentials, retry, maxBufferedBytes: Number.POSITIVE_INFINITY })
    sender = { given, send }
    SENDERS.set(client, sender)
  }
  return sender.send
}
