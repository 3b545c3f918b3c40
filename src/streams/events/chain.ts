import { amzDateParts } from '../../core/encoding/time.ts'
import { fail } from '../../core/errors.ts'
import type { WebRequest } from '../../core/http/platform.ts'
import type { UrlLike } from '../../core/http/url.ts'
import { isObject } from '../../core/kind.ts'
import { checkSecret, type SecretCredentials } from '../../core/signing/credentials.ts'
import { EVENTS_PAYLOAD } from '../../core/signing/payload.ts'
import { credentialScope, type Scope } from '../../core/signing/scope.ts'
import { ALGORITHM } from '../../core/signing/string-to-sign.ts'
import { sha256Hex, signatureBytes } from '../../crypto/webcrypto.ts'
import { parseCredential, queryParameters, readSignature } from '../../received/claim.ts'
import { type ReceivedRequest, readReceived } from '../../received/request.ts'
import { encodeHeaders } from './headers.ts'

/**
 * The signed request that an event stream belongs to: the result of `sign`, `presign` or `webSocketUrl`, a presigned URL,
 * or, on a server, the received request.
 */
export type EventSeed = string | UrlLike | { readonly url: string } | ReceivedRequest | WebRequest

/** Scope, credentials, and the signature of the request, which that of the first event follows. */
export interface Chain {
  readonly region: string
  readonly service: string
  readonly signature: string
  /** A copy: the caller's object may be given new credentials while the stream is open. */
  readonly credentials: SecretCredentials
}

/** Reads the scope and the signature of a request, and checks that it was signed with these credentials. */
export function readChain(seed: EventSeed, credentials: SecretCredentials, now: number): Chain {
  const { credential, signature } = signatureOf(seed)
  const parsed = parseCredential(credential)
  if ('refusal' in parsed || signatureBytes(signature) === undefined) failSeed()
  if (!isObject(credentials))
    fail('ERR_INVALID_ARG_TYPE', 'options.credentials', 'type', 'Pass the credentials that signed the request.')
  if (credentials.signingKey)
    fail(
      'ERR_SIGV4_KEY_SCOPE',
      'options.credentials.signingKey',
      'unusable',
      'It expires at midnight UTC, and a stream may continue. Pass secretAccessKey.',
    )
  checkSecret(credentials, now)
  const { accessKeyId, secretAccessKey } = credentials
  if (accessKeyId !== parsed.accessKeyId)
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.credentials.accessKeyId',
      'mismatch',
      'Pass the credentials that signed the request.',
    )
  const { region, service } = parsed.scope
  return { region, service, signature, credentials: { accessKeyId, secretAccessKey } }
}

/** Returns the credential and the signature of a request: from its Authorization header, otherwise from its query. */
function signatureOf(seed: EventSeed): { credential: string; signature: string } {
  const isUrl = typeof seed === 'string' || (isObject(seed) && 'href' in seed)
  const request: object = isUrl ? { url: String(seed) } : seed
  if (!isObject(request)) failSeed()
  const { query, headers } = readReceived(
    ('headers' in request ? request : { headers: {}, ...request }) as ReceivedRequest,
    undefined,
  )
  const {
    location,
    algorithm,
    credential = '',
    signature = '',
  } = readSignature(headers.authorization, queryParameters(query))
  if (location === 'header' && headers['x-amz-content-sha256'] !== EVENTS_PAYLOAD)
    fail('ERR_INVALID_ARG_VALUE', 'seed', 'unusable', `Sign it with payloadHash: '${EVENTS_PAYLOAD}'.`)
  return algorithm === ALGORITHM ? { credential, signature } : failSeed()
}

function failSeed(): never {
  return fail('ERR_INVALID_ARG_VALUE', 'seed', 'invalid', 'Pass the result of sign or presign, or a presigned URL.')
}

/** The scope of an event, and its string to sign. */
export interface UnsignedEvent {
  readonly scope: Scope
  readonly stringToSign: string
}

/** Returns the parts of an event to sign: its date, the signature before it, and its body. */
export async function unsignedEvent(
  { region, service }: Chain,
  previous: string,
  time: Date,
  body: Uint8Array,
): Promise<UnsignedEvent> {
  const [date, clock] = amzDateParts(Math.floor(Number(time) / 1000))
  const scope = { date, region, service }
  const headers = encodeHeaders({ ':date': { type: 'timestamp', value: time } })
  return { scope, stringToSign: await eventStringToSign(date + clock, scope, previous, headers, body) }
}

/** Formats the string to sign of an event, whose `headers` are those without the signature. */
export async function eventStringToSign(
  amzDate: string,
  scope: Scope,
  previous: string,
  headers: Uint8Array,
  body: Uint8Array,
): Promise<string> {
  const hashes = [await sha256Hex(headers), await sha256Hex(body)]
  return [`${ALGORITHM}-PAYLOAD`, amzDate, credentialScope(scope), previous, ...hashes].join('\n')
}
