import assert from 'node:assert/strict'
import type { SecretCredentials } from '../../src/credentials.ts'
import type { PresignedPost, S3Object } from '../../src/index.ts'
import { toFormData } from '../../src/index.ts'
import { unescapeXml } from '../../src/internal/xml.ts'
import { SigV4VerifyError, verifyPost } from '../../src/verify.ts'
import { type Reply, resultOf, type Sendable, send, text } from '../servers/wire.ts'
import { agrees, bytesOf, type Verdict } from './agreement.ts'
import type { Options } from './options.ts'
import type { Place } from './place.ts'

const LONGEST_REQUEST = 60_000

/** What all rows have in common. */
export interface Setting {
  readonly options: Options
  readonly credentials: SecretCredentials
  readonly place: Place
  /** Everything that is stored has a key that starts with it. */
  readonly prefix: string
  /** Credentials by access key ID, with which requests are verified. Sessions are added. */
  readonly known: Map<string, SecretCredentials>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Notes a place in which a row stores objects, which are deleted in the end. */
  readonly use: (place: Place) => void
  /** Notes credentials that a row has received, which no output may contain. */
  readonly receive: (credentials: SecretCredentials) => void
}

/** How a request must be rejected. */
export interface Rejection {
  readonly status: number
  readonly code: string
  /** What `verify` does with it: a body that differs from its checksum has a valid signature. @default `'rejects'` */
  readonly verdict?: Verdict
}

/** The environment of one row: it sends requests, counts them, and verifies each. */
export class Lab {
  requests = 0
  readonly setting: Setting
  readonly #folder: string

  constructor(setting: Setting, folder: string) {
    this.setting = setting
    this.#folder = `${setting.prefix}${folder}/`
  }

  get credentials(): SecretCredentials {
    return this.setting.credentials
  }

  /** The key of an object of this row. */
  key(name: string): string {
    return this.#folder + name
  }

  /** An object of this row. */
  object(name: string, place = this.setting.place): S3Object {
    return place.object(this.key(name))
  }

  /** Sends a request, which the server must accept. `received`: the bytes of a body that is a stream. */
  async accepted(request: Sendable, received = request.body): Promise<Reply> {
    const reply = await this.#send(request)
    assert(reply.status < 300, `${request.method}: ${described(reply)}`)
    await agrees({ ...request, body: received }, this.setting.known, 'accepts')
    return reply
  }

  /** Sends a request, which the server must reject. */
  async rejected(request: Sendable, { status, code, verdict = 'rejects' }: Rejection): Promise<Reply> {
    const reply = await this.#send(request)
    assert.deepEqual(resultOf(reply), { status, code }, `${request.method}: ${described(reply)}`)
    await agrees(request, this.setting.known, verdict, text(reply))
    return reply
  }

  /** Confirms that an object does not exist. */
  async missing(request: Sendable): Promise<void> {
    const code = request.method === 'HEAD' ? undefined : 'NoSuchKey'
    const reply = await this.#send(request)
    assert.deepEqual([reply.status, resultOf(reply).code], [404, code], described(reply))
    await agrees(request, this.setting.known, 'accepts')
  }

  /** Sends a form as browsers do; `rejection`: how the server must reject it. */
  async form(
    { url, fields }: Pick<PresignedPost, 'url' | 'fields'>,
    file: Blob,
    rejection?: Rejection,
  ): Promise<Reply> {
    const reply = await this.#send({ method: 'POST', url, headers: {}, body: toFormData({ fields }, file) })
    if (rejection)
      assert.deepEqual(resultOf(reply), { status: rejection.status, code: rejection.code }, described(reply))
    else assert(reply.status < 300, described(reply))
    const { known, options } = this.setting
    const { size, type } = file
    const result = await verifyPost(fields, {
      ...{ credentials: (accessKeyId) => known.get(accessKeyId), region: options.region, service: 's3' },
      ...{ bucket: options.bucket, size, type },
    }).catch((error: Error) => error)
    if (rejection) assert(result instanceof SigV4VerifyError, 'verifyPost accepts a form that the server rejected')
    else assert(!(result instanceof Error), `verifyPost rejects what the server accepted: ${(result as Error).message}`)
    return reply
  }

  /** A `fetch` for a signed fetch. What the server accepts is verified. */
  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(input, { ...init, signal: this.#limit() })
    if (response.ok) {
      const { method = 'GET', headers, body } = init
      const sent = {
        method,
        url: String(input),
        headers: Object.fromEntries(new Headers(headers)),
        body: bytesOf(body),
      }
      await agrees(sent, this.setting.known, 'accepts')
    }
    return response
  }

  #send(request: Sendable): Promise<Reply> {
    const settings = { redirect: 'manual', signal: this.#limit() }
    return send({ ...request, ...settings })
  }

  /** Counts a request, and limits its time. After an interruption, none is sent; one that is on its way may store an object. */
  #limit(): AbortSignal {
    this.setting.signal.throwIfAborted()
    this.requests++
    return AbortSignal.timeout(LONGEST_REQUEST)
  }
}

function described(reply: Reply): string {
  const [, message = ''] = /<Message>([^<]*)<\/Message>/.exec(text(reply)) ?? []
  return [reply.status, resultOf(reply).code, unescapeXml(message)].filter(Boolean).join(' ')
}
