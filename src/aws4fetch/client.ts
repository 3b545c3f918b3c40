import type { WebRequest, WebResponse } from '../core/http/platform.ts'
import { type AwsClientOptions, type AwsRequestInit, type AwsRequestInput, checkRequired } from './options.ts'
import { AwsV4Signer } from './signer.ts'

/**
 * `AwsClient` of aws4fetch 1.0.20: signs and sends requests, and repeats them after an error of the server. Its fields can be
 * changed, and apply to the next request.
 *
 * @example
 * ```ts
 * import { AwsClient } from 'sigv4/aws4fetch'
 *
 * const aws = new AwsClient({
 *   accessKeyId: 'AKIDEXAMPLE',
 *   secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
 * })
 * const response = await aws.fetch('https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues')
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class AwsClient {
  declare accessKeyId: string
  declare secretAccessKey: string
  declare sessionToken: string | undefined
  declare service: string | undefined
  declare region: string | undefined
  declare cache: Map<string, ArrayBuffer>
  declare retries: number
  declare initRetryMs: number

  constructor({
    accessKeyId,
    secretAccessKey,
    sessionToken,
    service,
    region,
    cache,
    retries,
    initRetryMs,
  }: AwsClientOptions) {
    checkRequired({ accessKeyId, secretAccessKey })
    Object.assign(this, {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      service,
      region,
      cache: cache || new Map(),
      retries: retries ?? 10,
      initRetryMs: initRetryMs || 50,
    })
  }

  /** Returns a signed `Request`. */
  async sign(input: AwsRequestInput, init?: AwsRequestInit | null): Promise<WebRequest> {
    const given: AwsRequestInit = input instanceof Request ? await readRequest(input, init) : (init ?? {})
    const url = input instanceof Request ? input.url : input.toString()
    const request = await new AwsV4Signer({ url, ...given, ...this, ...given.aws }).sign()
    const { aws: _, ...signed } = { ...given, ...request }
    // a stream requires duplex, and other bodies ignore it
    return new Request(String(request.url), { duplex: 'half', ...signed } as RequestInit)
  }

  /** Signs and sends a request; after status 429 or 500 and higher, again. */
  async fetch(input: AwsRequestInput, init?: AwsRequestInit | null): Promise<WebResponse> {
    for (let i = 0; i <= this.retries; i++) {
      const response = fetch(await this.sign(input, init))
      if (i === this.retries) return response
      const { status } = await response
      if (status < 500 && status !== 429) return response
      await new Promise((resolve) => setTimeout(resolve, Math.random() * this.initRetryMs * 2 ** i))
    }
    throw new Error('An unknown error occurred, ensure retries is not negative')
  }
}

/** Returns the options of a request; its body only if it has a content type, and otherwise none. */
async function readRequest(request: Request, init: AwsRequestInit | null | undefined): Promise<AwsRequestInit> {
  const { method, url, headers, body } = request
  const given = { method, url, headers, ...init }
  if (headers.has('Content-Type'))
    given.body ??= body && headers.has('X-Amz-Content-Sha256') ? body : await request.clone().arrayBuffer()
  return given
}
