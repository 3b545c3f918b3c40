import type { Case } from '../case/case.ts'
import { type Clue, fault } from '../model/clue.ts'
import { isFromS3 } from '../response/response.ts'
import { isAwsHost } from './host.ts'

// What is not about a signature of Version 4: another scheme, a proxy that responded, a service that was not reached. It is
// decided before anything else is examined.

/** Returns the reason for which a signature is not in question; `undefined` if it may be. */
export function observeGate(given: Case): Clue | undefined {
  const found = otherScheme(given) ?? unreached(given) ?? responder(given) ?? page(given)
  return found && fault('not-auth', found.message, { fix: found.fix, clause: found.message })
}

interface Reason {
  readonly message: string
  readonly fix: string
}

/** The schemes of other clouds, in an Authorization header or the query string. */
const CLOUDS: readonly [name: string, header: RegExp, parameters: readonly string[]][] = [
  ['Google Cloud Storage (GOOG4)', /^GOOG[14]/, ['X-Goog-Algorithm', 'X-Goog-Signature']],
  ['Azure Storage (Shared Key, or a shared access signature)', /^SharedKey(?:Lite)? /, ['sv', 'sig']],
  ['Alibaba Cloud', /^(?:OSS4?-?\w* |ACS\d-)/, ['OSSAccessKeyId', 'Signature']],
  ['Alibaba Cloud', /^OSS /, ['x-oss-signature-version', 'x-oss-signature']],
  ['Tencent Cloud', /^(?:TC3-|q-sign-algorithm=)/, ['q-sign-algorithm', 'q-signature']],
  ['Huawei Cloud', /^(?:OBS |SDK-HMAC-)/, ['X-Obs-Signature', 'X-Obs-Algorithm']],
  ['Amazon CloudFront (signed URLs)', /^CloudFront /, ['Key-Pair-Id', 'Signature']],
]

/** Schemes that any service may have. */
const SCHEMES: readonly [name: string, header: RegExp, fix: string][] = [
  [
    'a bearer token',
    /^Bearer /i,
    'Get a new token from where it was issued, and send it to the service that it is for.',
  ],
  ['a user name and a password (Basic)', /^Basic /i, 'Check the user name, the password, and what they are for.'],
  [
    'a different scheme',
    /^(?:Digest|Negotiate|NTLM|Token|ApiKey|Signature) /i,
    'Follow the documentation of the service.',
  ],
]

/** A request that is signed, or authenticated, in another way. */
function otherScheme({ facts, response }: Case): Reason | undefined {
  const { headers, parameters, claim } = facts
  const { authorization = '' } = headers
  const names = parameters.map(({ decoded }) => decoded)
  if (claim.signature !== undefined && /^AWS|^$/.test(authorization)) return undefined
  const [cloud] =
    CLOUDS.find(
      ([, header, own]) =>
        header.test(authorization) || (authorization === '' && own.every((name) => names.includes(name))),
    ) ?? []
  if (cloud !== undefined)
    return {
      message: `The request was not signed with Signature Version 4, but with the scheme of ${cloud}.`,
      fix: 'Use the tools and the documentation of that service.',
    }
  const [name, , fix = ''] = SCHEMES.find(([, header]) => header.test(authorization)) ?? []
  // AWS and servers like it name what they miss, and the other headers of a signature show that one was meant
  const isMeant = headers['x-amz-date'] !== undefined || headers['x-amz-content-sha256'] !== undefined
  const isAws = isMeant || isAwsHost(facts) || (response !== undefined && isFromS3(response))
  if (name === undefined || isAws || names.some((each) => /^x-amz-/i.test(each))) return undefined
  return { message: `The request was not signed: it contained ${name}, which the service checks on its own.`, fix }
}

const NETWORK: readonly [pattern: RegExp, message: string, fix: string][] = [
  [
    /^(?:ENOTFOUND|EAI_AGAIN)/,
    'The name of the host could not be resolved, so the request did not reach the service.',
    'Check the endpoint and the bucket in the host name. If the bucket is in the host, try path-style addressing.',
  ],
  [
    /CERT|TLS/,
    'The certificate of the server was not accepted, so the request was not sent.',
    'Use the host that the certificate is for, and make the client trust the authority that issued it.',
  ],
  [
    /^E[A-Z]{4,}/,
    'The connection to the server failed, so the request was not rejected because of its signature.',
    'Check the endpoint, its port, and http or https.',
  ],
]

/** A service that was not reached. */
function unreached({ response }: Case): Reason | undefined {
  if (!response || response.status !== undefined) return undefined
  const [, message, fix] = NETWORK.find(([pattern]) => pattern.test(response.code)) ?? []
  return message === undefined || fix === undefined ? undefined : { message, fix }
}

/** Statuses of proxies, and what they mean. */
const STATUSES: Readonly<Record<number, Reason>> = {
  407: { message: 'required a user name and password of its own', fix: 'Pass the credentials of the proxy.' },
  413: {
    message: 'rejected the body as too large',
    fix: 'Raise the limit of the proxy (nginx: client_max_body_size), or use a multipart upload.',
  },
  414: {
    message: 'rejected the URL as too long',
    fix: 'Raise the limit of the proxy (nginx: large_client_header_buffers).',
  },
  429: { message: 'limits the number of requests', fix: 'Send fewer requests, or raise the limit.' },
  431: { message: 'rejected the headers as too large', fix: 'Raise the limit of the proxy, or send fewer headers.' },
  502: {
    message: 'could not reach the service',
    fix: 'Check that the service runs, and the address to which the proxy forwards.',
  },
  503: { message: 'has no service to forward the request to', fix: 'Check that the service runs.' },
  504: {
    message: 'waited too long for the service',
    fix: 'Raise the timeout of the proxy, or use a multipart upload with smaller parts.',
  },
}

/** A proxy that responded in place of the service. */
function responder({ response }: Case): Reason | undefined {
  const { status = 0, code = '', headers } = response ?? {}
  const found = STATUSES[status]
  if (!found || !/^\d*$/.test(code)) return undefined
  const [name] =
    /nginx|openresty|envoy|caddy|traefik|varnish|haproxy|apache|cloudflare|cloudfront/i.exec(
      headers?.get('server') ?? '',
    ) ?? []
  const proxy = name === undefined ? 'A proxy or a gateway' : `A proxy (${name})`
  return { message: `${proxy} ${found.message} (status ${status}).`, fix: found.fix }
}

/** A page in place of an object. */
function page({ response, reading, facts }: Case): Reason | undefined {
  if (reading?.kind !== 'accepted' || !response?.isPage || /\.html?$/i.test(facts.path)) return undefined
  return {
    message: `The response with status ${response.status} is a page to log in, which is not from the service.`,
    fix: 'Check the URL, and whether a proxy or a gateway in front of the service requires a login.',
  }
}
