import type { Cause } from './generator/causes.ts'
import type { Location } from './generator/signing.ts'

// Which causes cannot be shown by which server, and why.

const PLACES: readonly [causes: RegExp, places: readonly Location[], why: string][] = [
  [/^(?:expired|expires-|missing-param|param-case)/, ['query'], 'only URLs have these parameters'],
  [/^clock-past/, ['header'], 'a URL is good for a time of its own: it is expired instead'],
  [/^(?:malformed-authorization|missing-header)/, ['header'], 'only signatures in headers have these headers'],
  [/^(?:payload-mismatch|streaming)/, ['header'], 'the payload of a URL or of a form is not signed'],
  [/^(?:policy-|tampered-policy|missing-field)/, ['post'], 'only forms have a policy and fields'],
  [/^(?:method|host|path|query|url)/, ['header', 'query'], 'a form signs its policy, not its request'],
  [/^(?:header|signed-headers|unsigned-header)/, ['header', 'query'], 'a form signs its policy, not its headers'],
  [/^(?:content-|checksum|payload-hash)/, ['header', 'query'], 'a form signs its policy, not its file'],
  [/^(?:clock-future|date-mismatch|two-auths)/, ['header', 'query'], 'a form has one date, and no server compares it'],
]

const NOT_SHOWN: Record<string, readonly [causes: RegExp, why: string][]> = {
  'localstack header': [[/^(?!not-auth)/, 'it does not check signatures in headers']],
  'localstack query': [
    [/^unknown-access-key/, 'any key id goes with its one secret'],
    [/^clock-future/, 'it looks at the end of the time alone'],
    [/^scope-region/, 'any region is taken'],
    [/^(?:signature-v2|anonymous)/, 'what has no signature of version 4 is taken'],
    [/^two-auths/, 'it checks the URL and ignores the header'],
    [/^query-duplicate/, 'it reads one value per name'],
  ],
  'localstack post': [
    [/^(?!policy-|missing-field|clock-timezone|not-auth)/, 'it does not check signatures of forms'],
    [/^policy-missing/, 'a form without a policy is taken'],
    [/^policy-extra-field/, 'it looks at few fields'],
  ],
  'versitygw query': [
    [/^clock-future/, 'it looks at the end of the time alone'],
    [/^two-auths/, 'it checks the URL and ignores the header'],
  ],
  'versitygw post': [[/^scope-date/, 'it does not compare the two dates of a form']],
  'serve post': [[/^not-auth/, 'a bucket that is not there is made']],
}

/** Why there are not two refused requests of a cause at a server; undefined where there have to be. */
export function whyNotShown(server: string, location: Location, cause: Cause): string | undefined {
  const elsewhere = PLACES.find(([causes, places]) => causes.test(cause) && !places.includes(location))
  return elsewhere?.[2] ?? NOT_SHOWN[`${server} ${location}`]?.find(([causes]) => causes.test(cause))?.[1]
}

/** If a server accepts these, nothing shows that they are broken. */
const HARMLESS: readonly [ids: RegExp, why: string][] = [
  [/\/query-plus\/plus-sent-for-a-blank\//, 'a plus in a query is a blank'],
  [/\/path-encoding-case\/sent-in-lower-case\//, 'paths are decoded before they are encoded'],
  [/\/path-encoding-case\/lower-case-throughout\/.*\/versitygw$/, 'it takes the path as it comes'],
  [/\/path-encoding\/unescaped-by-a-proxy\//, 'paths are decoded before they are encoded'],
  [/\/unsigned-header\/trace-id-of-a-proxy\//, 'proxies add x-amzn-trace-id'],
  [/\/unsigned-header\/x-amz-content-sha256-/, 'it need not be signed'],
  [
    /\/session-token\/nobody-issued-it\//,
    'the signature goes with the token; that nobody knows it, only who issues tokens can say',
  ],
  [
    /\/content-md5\/of-another-body\/.*\/(?:s3rver|moto)$/,
    'explain computes no MD5, and these servers do not check it',
  ],
  [/\/policy-extra-field\/redirect\/.*\/seaweedfs$/, 'it redirects, and so it has accepted the form'],
  [/\/not-auth\//, 'the signature is right'],
  [/\/anonymous\/|\/policy-missing\/|\/url-html-escaped\/copied-/, 'what has no signature is taken where anybody may'],
  [/\/signature-v2\//, 'a server that takes Version 2 is none that tolerates it'],
  [/\/scope-(?:region|service)\//, 'what was taken may be the right one of that server'],
  [/\/unknown-access-key\//, 'another key may be just as right'],
]

export const isHarmless = (id: string): boolean => HARMLESS.some(([ids]) => ids.test(id))
