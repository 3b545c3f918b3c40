import type { Evidence } from '../../src/explain/paste/parse.ts'

// What people paste, a row for each shape, and what is in it.

export interface Paste {
  readonly title: string
  readonly paste: string
  readonly expected: Omit<Evidence, 'items'>
  /** Kinds of items that must be among those that are recognized. */
  readonly kinds?: string[]
}

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const KEY = 'AKIAIOSFODNN7EXAMPLE'
const HASH = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90'
const SIGNATURE = '0f9e8d7c6b5a49382716059f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5'
const QUERY = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${KEY}%2F20260131%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260131T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=content-type%3Bhost`
const TARGET = `/cat.jpg?${QUERY}&X-Amz-Signature=${SIGNATURE}`
const URL = `https://${HOST}${TARGET}`
const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=${KEY}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${SIGNATURE}`
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
const LONG_MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
const CANONICAL = `PUT\n/cat.jpg\n${QUERY}\ncontent-type:image/jpeg\nhost:${HOST}\n\ncontent-type;host\nUNSIGNED-PAYLOAD`
const TO_SIGN = `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${HASH}`
const OURS = CANONICAL.replace('image/jpeg', 'image/png')
const OUR_TO_SIGN = TO_SIGN.replace('a1b2', 'ffff')
const hex = (text: string) => [...text].map((each) => each.charCodeAt(0).toString(16).padStart(2, '0')).join(' ')
const escaped = (text: string) => text.replaceAll('&', '&amp;')
const head = `<Code>SignatureDoesNotMatch</Code><Message>${MISMATCH}</Message>`
const strings = `<AWSAccessKeyId>${KEY}</AWSAccessKeyId><StringToSign>${TO_SIGN}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided>`
const FULL = `<Error>${head}${strings}<CanonicalRequest>${escaped(CANONICAL)}</CanonicalRequest><RequestId>4442587FB7D0A2F9</RequestId></Error>`
const SHORT = `<Error>${head}<RequestId>4442587FB7D0A2F9</RequestId></Error>`
const PROSE = `${LONG_MISMATCH}\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:dynamodb.eu-west-1.amazonaws.com\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\n${HASH}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/dynamodb/aws4_request\n${HASH}'\n`
const spaced = (text: string) => text.replaceAll('\n', ' ')
const inspected = (text: string) =>
  text
    .split('\n')
    .map((line, i, all) => `'${line}${i + 1 < all.length ? '\\n' : ''}'`)
    .join(' +\n    ')

const PUT = {
  method: 'PUT',
  url: TARGET,
  headers: [
    ['Host', HOST],
    ['Content-Type', 'image/jpeg'],
    ['Content-Length', '5'],
  ],
}
const GET = {
  method: 'GET',
  url: '/cat.jpg',
  headers: [
    ['Host', HOST],
    ['X-Amz-Date', '20260131T120000Z'],
    ['X-Amz-Content-Sha256', HASH],
    ['Authorization', AUTHORIZATION],
  ],
  body: '',
}
const RAW_GET = `GET /cat.jpg HTTP/1.1\n${GET.headers.map((each) => each.join(': ')).join('\n')}\n`
const mismatch = { code: 'SignatureDoesNotMatch', message: MISMATCH }
const XML_HEADERS = [['Content-Type', 'application/xml']]

type Row = [title: string, paste: string, expected: object, kinds?: string[]]

const URLS: Row[] = [
  ['a bare presigned URL', URL, { request: { url: URL } }, ['url']],
  ['a presigned URL in a sentence', `I opened ${URL}, and got nothing.`, { request: { url: URL } }],
  ['a presigned URL at the end of a sentence', `This is the link: ${URL}.`, { request: { url: URL } }],
  ['a presigned URL in parentheses', `It fails (see ${URL}).`, { request: { url: URL } }],
  ['a presigned URL in angle brackets', `The link <${URL}> does not work.`, { request: { url: URL } }],
  ['a presigned URL in typographic quotes', `The link “${URL}” does not work.`, { request: { url: URL } }],
  ['a presigned URL in Markdown', `See [the file](${URL}) for this.`, { request: { url: URL } }],
  ['a presigned URL in bold', `**${URL}**`, { request: { url: URL } }],
  ['a presigned URL in a string of a program', `const url = "${URL}";`, { request: { url: URL } }],
  ['a presigned URL escaped for HTML', `<a href="${escaped(URL)}">file</a>`, { request: { url: escaped(URL) } }],
  ['a presigned URL with its method', `PUT ${URL}`, { request: { method: 'PUT', url: URL } }],
  ['a presigned URL broken at 72 columns', URL.replace(/.{72}/g, '$&\n'), { request: { url: URL } }],
  [
    'a presigned URL broken at 80 columns in a sentence',
    `Link:\n${URL.replace(/.{80}/g, '$&\n')}\n\nand then`,
    { request: { url: URL } },
  ],
  ['a presigned URL broken at its parameters', URL.replaceAll('&', '\n&'), { request: { url: URL } }],
  [
    'a presigned URL without a scheme',
    `It returns status 403 for ${HOST}${TARGET}`,
    { request: { url: `${HOST}${TARGET}` }, response: { status: 403 } },
  ],
  [
    'a presigned URL and an error in prose',
    `${URL}\n\nSignatureDoesNotMatch`,
    { request: { url: URL }, response: { code: 'SignatureDoesNotMatch' } },
  ],
  [
    'an error in prose before a presigned URL',
    `I get "${MISMATCH}" with status 403 for\n\n${URL}`,
    { request: { url: URL }, response: { status: 403, message: MISMATCH } },
  ],
  [
    'a presigned URL and an error in XML',
    `${URL}\n\n${DECLARATION}\n${SHORT}`,
    { request: { url: URL }, response: { body: `${DECLARATION}\n${SHORT}` } },
  ],
]

const ERRORS: Row[] = [
  ['an error in XML', FULL, { response: { body: FULL } }, ['error']],
  [
    'an error in XML with its declaration',
    `${DECLARATION}\n${FULL}`,
    { response: { body: `${DECLARATION}\n${FULL}` } },
  ],
  ['an error in XML on one line', `${DECLARATION}${SHORT}`, { response: { body: `${DECLARATION}${SHORT}` } }],
  [
    'an error in XML, pretty-printed',
    `${DECLARATION}\n<Error>\n  <Code>AccessDenied</Code>\n  <Message>Request has expired</Message>\n  <X-Amz-Expires>900</X-Amz-Expires>\n</Error>`,
    {
      response: {
        body: `${DECLARATION}\n<Error>\n  <Code>AccessDenied</Code>\n  <Message>Request has expired</Message>\n  <X-Amz-Expires>900</X-Amz-Expires>\n</Error>`,
      },
    },
  ],
  [
    'an error in XML from a browser window',
    `This XML file does not appear to have any style information associated with it. The document tree is shown below.\n<Error>\n<Code>SignatureDoesNotMatch</Code>\n<Message>${MISMATCH}</Message>\n<AWSAccessKeyId>${KEY}</AWSAccessKeyId>\n<StringToSign>${spaced(TO_SIGN)}</StringToSign>\n<SignatureProvided>${SIGNATURE}</SignatureProvided>\n<CanonicalRequest>${spaced(CANONICAL)}</CanonicalRequest>\n<RequestId>4442587FB7D0A2F9</RequestId>\n</Error>`,
    { response: { body: FULL } },
  ],
  [
    'an error in XML from a browser window with markers',
    `This XML file does not appear to have any style information associated with it. The document tree is shown below.\n\n▼<Error>\n  <Code>SignatureDoesNotMatch</Code>\n  <Message>\n  ${MISMATCH}\n  </Message>\n  <AWSAccessKeyId>${KEY}</AWSAccessKeyId>\n  <StringToSign>\n  ${spaced(TO_SIGN)}\n  </StringToSign>\n  <SignatureProvided>\n  ${SIGNATURE}\n  </SignatureProvided>\n  <CanonicalRequest>\n  ${spaced(CANONICAL).replace(/ +/g, ' ')}\n  </CanonicalRequest>\n  <RequestId>4442587FB7D0A2F9</RequestId>\n</Error>`,
    { response: { body: FULL } },
  ],
  [
    'an error in XML from a browser window with dashes',
    `- <Error>\n  <Code>SignatureDoesNotMatch</Code>\n  <Message>${MISMATCH}</Message>\n  <RequestId>4442587FB7D0A2F9</RequestId>\n</Error>`,
    { response: { body: SHORT } },
  ],
  [
    'an error in XML with the bytes of its strings',
    `<Error>${head}<StringToSign>${spaced(TO_SIGN)}</StringToSign><StringToSignBytes>${hex(TO_SIGN)}</StringToSignBytes><CanonicalRequest>broken</CanonicalRequest><CanonicalRequestBytes>${hex(CANONICAL)}</CanonicalRequestBytes></Error>`,
    {
      response: {
        body: `<Error>${head}<StringToSign>${TO_SIGN}</StringToSign><StringToSignBytes>${hex(TO_SIGN)}</StringToSignBytes><CanonicalRequest>broken</CanonicalRequest><CanonicalRequestBytes>${hex(CANONICAL)}</CanonicalRequestBytes></Error>`,
      },
    },
  ],
  [
    'an error of the query protocol',
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n    <Type>Sender</Type>\n    <Code>SignatureDoesNotMatch</Code>\n    <Message>Signature expired: 20260131T115000Z is now earlier than 20260131T115500Z (20260131T120000Z - 5 min.)</Message>\n  </Error>\n  <RequestId>3f1a</RequestId>\n</ErrorResponse>`,
    {
      response: {
        body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n    <Type>Sender</Type>\n    <Code>SignatureDoesNotMatch</Code>\n    <Message>Signature expired: 20260131T115000Z is now earlier than 20260131T115500Z (20260131T120000Z - 5 min.)</Message>\n  </Error>\n  <RequestId>3f1a</RequestId>\n</ErrorResponse>`,
      },
    },
  ],
  [
    'an error of EC2',
    `<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors><RequestID>1</RequestID></Response>`,
    {
      response: {
        body: `<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors><RequestID>1</RequestID></Response>`,
      },
    },
  ],
  [
    'an error in JSON',
    '{"message":"Missing Authentication Token"}',
    { response: { body: '{"message":"Missing Authentication Token"}' } },
  ],
  [
    'an error in JSON with its type',
    '{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}',
    {
      response: {
        body: '{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}',
      },
    },
  ],
  [
    'an error in JSON, pretty-printed',
    '{\n  "code": "InvalidSignatureException",\n  "message": "Signature expired"\n}',
    { response: { body: '{\n  "code": "InvalidSignatureException",\n  "message": "Signature expired"\n}' } },
  ],
  [
    'an error in JSON inside a list',
    '{"errors":[{"code":"AccessDenied","message":"Access Denied"}]}',
    {
      response: {
        body: '{"errors":[{"code":"AccessDenied","message":"Access Denied"}]}',
        code: 'AccessDenied',
        message: 'Access Denied',
      },
    },
  ],
  [
    'an error of Supabase',
    '{"statusCode":"403","error":"SignatureDoesNotMatch","message":"Invalid signature"}',
    {
      response: {
        status: 403,
        body: '{"statusCode":"403","error":"SignatureDoesNotMatch","message":"Invalid signature"}',
        code: 'SignatureDoesNotMatch',
        message: 'Invalid signature',
      },
    },
  ],
  [
    'an error in JSON with strings',
    JSON.stringify({ message: PROSE }),
    { response: { body: JSON.stringify({ message: PROSE }) } },
  ],
  ['a message with strings', PROSE, { response: { code: 'InvalidSignatureException', message: PROSE } }],
  [
    'a message with strings, escaped',
    `InvalidSignatureException: ${PROSE.replaceAll('\n', '\\n')}`,
    { response: { code: 'InvalidSignatureException', message: PROSE } },
  ],
]

const HTTP: Row[] = [
  [
    'a log of curl -v',
    `* Connected to ${HOST} (52.218.0.1) port 443\n> PUT ${TARGET} HTTP/1.1\n> Host: ${HOST}\n> Content-Type: image/jpeg\n> Content-Length: 5\n>\n* upload completely sent off: 5 bytes\n< HTTP/1.1 403 Forbidden\n< Content-Type: application/xml\n<\n${DECLARATION}\n${FULL}\n* Connection #0 to host ${HOST} left intact`,
    { request: PUT, response: { status: 403, headers: XML_HEADERS, body: `${DECLARATION}\n${FULL}` } },
    ['request', 'response', 'error'],
  ],
  [
    'a log of curl -v whose body ends without a line end',
    `> PUT ${TARGET} HTTP/1.1\n> Host: ${HOST}\n> Content-Type: image/jpeg\n> Content-Length: 5\n>\n< HTTP/1.1 403 Forbidden\n<\n${SHORT}* Connection #0 to host ${HOST} left intact`,
    { request: PUT, response: { status: 403, headers: [], body: SHORT } },
  ],
  [
    'a log of curl -v over HTTP/2',
    `* using HTTP/2\n> GET /cat.jpg HTTP/2\n> Host: ${HOST}\n> X-Amz-Date: 20260131T120000Z\n> X-Amz-Content-Sha256: ${HASH}\n> Authorization: ${AUTHORIZATION}\n>\n< HTTP/2 403\n< content-type: application/json\n<\n{"message":"Forbidden"}`,
    {
      request: GET,
      response: { status: 403, headers: [['content-type', 'application/json']], body: '{"message":"Forbidden"}' },
    },
  ],
  [
    'an entry of a log with the error in it',
    `{"level":50,"msg":"upload failed","err":{"Code":"SignatureDoesNotMatch","message":"${MISMATCH}"}}`,
    {
      response: {
        body: `{"level":50,"msg":"upload failed","err":{"Code":"SignatureDoesNotMatch","message":"${MISMATCH}"}}`,
        code: 'SignatureDoesNotMatch',
        message: MISMATCH,
      },
    },
  ],
  [
    'an entry of a log with a URL and a message that says little',
    `{"level":"error","url":"${URL}","msg":"failed"}`,
    { request: { url: URL } },
  ],
  [
    'an entry of a log with a URL and an error that says more',
    `{"level":50,"url":"${URL}","msg":"failed","err":{"name":"AccessDenied","message":"Request has expired"}}`,
    {
      request: { url: URL },
      response: {
        body: `{"level":50,"url":"${URL}","msg":"failed","err":{"name":"AccessDenied","message":"Request has expired"}}`,
        code: 'AccessDenied',
        message: 'Request has expired',
      },
    },
  ],
  [
    'the response of curl -i',
    `HTTP/1.1 403 Forbidden\nContent-Type: application/xml\n\n${FULL}`,
    { response: { status: 403, headers: XML_HEADERS, body: FULL } },
  ],
  [
    'a response after 100 Continue',
    `HTTP/1.1 100 Continue\n\nHTTP/1.1 403 Forbidden\nContent-Type: application/xml\n\n${SHORT}`,
    { response: { status: 403, headers: XML_HEADERS, body: SHORT } },
  ],
  [
    'a response with the type of its error',
    `HTTP/1.1 400 Bad Request\nx-amzn-ErrorType: InvalidSignatureException\nContent-Type: application/json\n\n{"message":"Signature expired"}`,
    {
      response: {
        status: 400,
        headers: [
          ['x-amzn-ErrorType', 'InvalidSignatureException'],
          ['Content-Type', 'application/json'],
        ],
        body: '{"message":"Signature expired"}',
      },
    },
  ],
  ['a raw request', RAW_GET, { request: GET }],
  [
    'a raw request and its response',
    `${RAW_GET}\nHTTP/1.1 403 Forbidden\nContent-Type: application/xml\n\n${SHORT}`,
    { request: GET, response: { status: 403, headers: XML_HEADERS, body: SHORT } },
  ],
  [
    'a raw request whose Authorization is wrapped',
    `GET /cat.jpg HTTP/1.1\nHost: ${HOST}\nX-Amz-Date: 20260131T120000Z\nX-Amz-Content-Sha256: ${HASH}\nAuthorization: AWS4-HMAC-SHA256 Credential=${KEY}/20260131/eu-west-1/s3/aws4_request,\nSignedHeaders=host;x-amz-content-sha256;x-amz-date,\nSignature=${SIGNATURE}\n`,
    { request: GET },
  ],
  [
    'a raw request with a body',
    `POST / HTTP/1.1\nHost: dynamodb.eu-west-1.amazonaws.com\nContent-Length: 18\nAuthorization: ${AUTHORIZATION}\n\n{"TableName":"a"}\n`,
    {
      request: {
        method: 'POST',
        url: '/',
        headers: [
          ['Host', 'dynamodb.eu-west-1.amazonaws.com'],
          ['Content-Length', '18'],
          ['Authorization', AUTHORIZATION],
        ],
        body: '{"TableName":"a"}\n',
      },
    },
  ],
  [
    'a raw request whose body is cut off',
    `POST / HTTP/1.1\nHost: dynamodb.eu-west-1.amazonaws.com\nContent-Length: 1800\nAuthorization: ${AUTHORIZATION}\n\n{"TableName":"a",\n`,
    {
      request: {
        method: 'POST',
        url: '/',
        headers: [
          ['Host', 'dynamodb.eu-west-1.amazonaws.com'],
          ['Content-Length', '1800'],
          ['Authorization', AUTHORIZATION],
        ],
      },
    },
  ],
  [
    'two requests, the first of which was rejected',
    `${RAW_GET}\nHTTP/1.1 403 Forbidden\n\n${SHORT}\n\nGET /dog.jpg HTTP/1.1\nHost: ${HOST}\nAuthorization: ${AUTHORIZATION}\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\n`,
    { request: GET, response: { status: 403, headers: [], body: SHORT } },
  ],
  [
    'a log of wget -d',
    `---request begin---\n${RAW_GET}\n---request end---\nHTTP request sent, awaiting response...\n---response begin---\nHTTP/1.1 403 Forbidden\nServer: AmazonS3\n---response end---\n403 Forbidden`,
    { request: GET, response: { status: 403, headers: [['Server', 'AmazonS3']] } },
  ],
  [
    'a debug log of Go',
    `2026/01/31 12:00:00 DEBUG: Request s3/GetObject Details:\n---[ REQUEST POST-SIGN ]-----------------------------\n${RAW_GET}\n\n-----------------------------------------------------\n2026/01/31 12:00:01 DEBUG: Response s3/GetObject Details:\n---[ RESPONSE ]--------------------------------------\nHTTP/1.1 403 Forbidden\nServer: AmazonS3\n\n\n-----------------------------------------------------`,
    { request: GET, response: { status: 403, headers: [['Server', 'AmazonS3']] } },
  ],
  [
    'a wire log of Java',
    `DEBUG org.apache.http.wire - http-outgoing-0 >> "GET /cat.jpg HTTP/1.1[\\r][\\n]"\n${GET.headers.map(([name, value]) => `DEBUG org.apache.http.wire - http-outgoing-0 >> "${name}: ${value}[\\r][\\n]"`).join('\n')}\nDEBUG org.apache.http.wire - http-outgoing-0 >> "[\\r][\\n]"\nDEBUG org.apache.http.wire - http-outgoing-0 << "HTTP/1.1 403 Forbidden[\\r][\\n]"\nDEBUG org.apache.http.wire - http-outgoing-0 << "Content-Type: application/json[\\r][\\n]"\nDEBUG org.apache.http.wire - http-outgoing-0 << "[\\r][\\n]"\nDEBUG org.apache.http.wire - http-outgoing-0 << "{"message":"Forbidden"}"`,
    {
      request: GET,
      response: { status: 403, headers: [['Content-Type', 'application/json']], body: '{"message":"Forbidden"}' },
    },
  ],
  [
    'a MinIO trace',
    `localhost:9000 [REQUEST s3.GetObject] [2026-01-31T12:00:00.000000] [Client IP: 127.0.0.1]\nlocalhost:9000 GET /cat.jpg\nlocalhost:9000 Proto: HTTP/1.1\n${GET.headers.map((each) => `localhost:9000 ${each.join(': ')}`).join('\n')}\nlocalhost:9000 <BODY>\nlocalhost:9000 [RESPONSE] [2026-01-31T12:00:00.001000] [ Duration 1ms  ↑ 93 B  ↓ 402 B ]\nlocalhost:9000 403 Forbidden\nlocalhost:9000 Content-Type: application/xml\nlocalhost:9000 ${SHORT}`,
    { request: GET, response: { status: 403, headers: XML_HEADERS, body: SHORT } },
  ],
  [
    'the network panel of a browser',
    `Request URL: ${URL}\nRequest Method: PUT\nStatus Code: 403 Forbidden\nRemote Address: 52.218.0.1:443\n\nResponse Headers\nContent-Type: application/xml\n\nRequest Headers\nContent-Type: image/jpeg\nOrigin: https://example.com\n`,
    {
      request: {
        method: 'PUT',
        url: URL,
        headers: [
          ['Content-Type', 'image/jpeg'],
          ['Origin', 'https://example.com'],
        ],
      },
      response: { status: 403, headers: XML_HEADERS },
    },
  ],
  [
    'the Postman console',
    `PUT ${URL}\n403\n210 ms\nNetwork\nRequest Headers\nContent-Type: "image/jpeg"\nUser-Agent: "PostmanRuntime/7.36.0"\nResponse Headers\nContent-Type: "application/xml"\nResponse Body\n${SHORT}`,
    {
      request: {
        method: 'PUT',
        url: URL,
        headers: [
          ['Content-Type', 'image/jpeg'],
          ['User-Agent', 'PostmanRuntime/7.36.0'],
        ],
      },
      response: { status: 403, headers: XML_HEADERS, body: SHORT },
    },
  ],
  [
    'an access log of nginx',
    `192.0.2.3 - - [31/Jan/2026:12:00:00 +0000] "PUT ${TARGET} HTTP/1.1" 403 437 "-" "curl/8.5.0"`,
    { request: { method: 'PUT', url: TARGET }, response: { status: 403 } },
  ],
  [
    'an access log of S3',
    `79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be photos [31/Jan/2026:12:00:00 +0000] 192.0.2.3 - 3E57427F3EXAMPLE REST.PUT.OBJECT cat.jpg "PUT ${TARGET} HTTP/1.1" 403 SignatureDoesNotMatch 113 - 7 - "-" "curl/8.5.0" -`,
    { request: { method: 'PUT', url: TARGET }, response: { status: 403, code: 'SignatureDoesNotMatch' } },
  ],
]

const COMMANDS: Row[] = [
  [
    'a command of curl',
    `$ curl -X PUT -H 'Content-Type: image/jpeg' -T cat.jpg '${URL}'`,
    { request: { method: 'PUT', url: URL, headers: [['Content-Type', 'image/jpeg']] } },
    ['request'],
  ],
  [
    'a command of curl on several lines',
    `curl --request PUT \\\n  --header "Content-Type: image/jpeg" \\\n  --data-raw 'hello' \\\n  "${URL}"`,
    { request: { method: 'PUT', url: URL, headers: [['Content-Type', 'image/jpeg']], body: 'hello' } },
  ],
  [
    'a command of curl in typographic quotes',
    `curl -i “${URL}”`,
    { request: { method: 'GET', url: URL, headers: [], body: '' } },
  ],
  [
    'a command of curl and what it printed',
    `$ curl -s '${URL}'\n${SHORT}`,
    { request: { method: 'GET', url: URL, headers: [], body: '' }, response: { body: SHORT } },
  ],
  [
    'a request as cURL for bash',
    `curl '${URL}' \\\n  -X 'PUT' \\\n  -H 'content-type: image/jpeg' \\\n  -H $'x-amz-meta-name: it\\'s' \\\n  --data-raw $'a\\u00e9\\n' \\\n  --compressed`,
    {
      request: {
        method: 'PUT',
        url: URL,
        headers: [
          ['content-type', 'image/jpeg'],
          ['x-amz-meta-name', "it's"],
        ],
        body: 'aé\n',
      },
    },
  ],
  [
    'a request as cURL for cmd',
    `curl ^"${URL.replaceAll('&', '^&').replaceAll('%', '^%')}^" ^\n  -X ^"PUT^" ^\n  -H ^"content-type: image/jpeg^" ^\n  --data-raw ^"hello^"`,
    { request: { method: 'PUT', url: URL, headers: [['content-type', 'image/jpeg']], body: 'hello' } },
  ],
  [
    'a request as PowerShell',
    `Invoke-WebRequest -UseBasicParsing -Uri "${URL}" \`\n-Method "PUT" \`\n-Headers @{\n"Accept"="*/*"\n  "Origin"="https://example.com"\n} \`\n-ContentType "image/jpeg" \`\n-Body "hello"`,
    {
      request: {
        method: 'PUT',
        url: URL,
        headers: [
          ['Accept', '*/*'],
          ['Origin', 'https://example.com'],
          ['Content-Type', 'image/jpeg'],
        ],
        body: 'hello',
      },
    },
  ],
  [
    'a request as fetch',
    `fetch("${URL}", {\n  "headers": {\n    "content-type": "image/jpeg"\n  },\n  "body": "hello",\n  "method": "PUT",\n  "mode": "cors"\n});`,
    { request: { method: 'PUT', url: URL, headers: [['content-type', 'image/jpeg']], body: 'hello' } },
  ],
  [
    'a call to fetch in a program',
    `const response = await fetch('${URL}', { method: 'PUT', body: file })`,
    { request: { method: 'PUT', url: URL } },
  ],
  [
    'a call to requests in Python',
    `r = requests.put("${URL}", data=data, headers={'Content-Type': 'image/jpeg'})`,
    { request: { method: 'PUT', url: URL, headers: [['Content-Type', 'image/jpeg']] } },
  ],
  [
    'a HAR file',
    JSON.stringify({
      log: {
        version: '1.2',
        entries: [
          {
            request: { method: 'GET', url: 'https://example.com/', headers: [] },
            response: { status: 200, headers: [], content: {} },
          },
          {
            request: {
              method: 'PUT',
              url: URL,
              headers: [
                { name: ':method', value: 'PUT' },
                { name: 'content-type', value: 'image/jpeg' },
              ],
              bodySize: 5,
              postData: { text: 'hello' },
            },
            response: {
              status: 403,
              headers: [{ name: 'content-type', value: 'application/xml' }],
              content: { text: SHORT },
            },
          },
        ],
      },
    }),
    {
      request: { method: 'PUT', url: URL, headers: [['content-type', 'image/jpeg']], body: 'hello' },
      response: { status: 403, headers: [['content-type', 'application/xml']], body: SHORT },
    },
  ],
  [
    'a HAR file in one line that contains a command and a canonical request',
    JSON.stringify({
      log: {
        comment: `curl https://${HOST}/`,
        entries: [
          {
            request: { method: 'PUT', url: URL, headers: [], bodySize: 0 },
            response: { status: 403, headers: [], content: { text: FULL } },
          },
        ],
      },
    }),
    {
      request: { method: 'PUT', url: URL, headers: [], body: '' },
      response: { status: 403, headers: [], body: FULL },
    },
  ],
  [
    'an entry of a HAR file',
    JSON.stringify(
      {
        startedDateTime: '2026-01-31T12:00:00Z',
        request: { method: 'PUT', url: URL, headers: [{ name: 'content-type', value: 'image/jpeg' }], bodySize: -1 },
        response: { status: 403, headers: [], content: { text: SHORT } },
      },
      null,
      2,
    ),
    {
      request: { method: 'PUT', url: URL, headers: [['content-type', 'image/jpeg']] },
      response: { status: 403, headers: [], body: SHORT },
    },
  ],
]

const MESSAGES: Row[] = [
  [
    'an error of botocore',
    `botocore.exceptions.ClientError: An error occurred (SignatureDoesNotMatch) when calling the PutObject operation: ${MISMATCH}`,
    { response: mismatch },
    ['error'],
  ],
  [
    'an error of botocore without a body',
    'An error occurred (403) when calling the HeadObject operation: Forbidden',
    { response: { status: 403, message: 'Forbidden' } },
  ],
  [
    'an error of the SDK for JavaScript 2',
    `SignatureDoesNotMatch: ${MISMATCH}\n    at Request.extractError (/app/node_modules/aws-sdk/lib/services/s3.js:700:35)\n    at Request.callListeners (/app/node_modules/aws-sdk/lib/sequential_executor.js:106:20)`,
    { response: mismatch },
  ],
  [
    'an error of the SDK for JavaScript 3, inspected',
    `SignatureDoesNotMatch: ${MISMATCH}\n    at throwDefaultError (/app/node_modules/@smithy/smithy-client/dist-cjs/index.js:388:20)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {\n  '$fault': 'client',\n  '$metadata': {\n    httpStatusCode: 403,\n    requestId: '4442587FB7D0A2F9',\n    attempts: 1\n  },\n  Code: 'SignatureDoesNotMatch',\n  AWSAccessKeyId: '${KEY}',\n  StringToSign: ${inspected(TO_SIGN)},\n  SignatureProvided: '${SIGNATURE}',\n  CanonicalRequest: ${inspected(CANONICAL)},\n  RequestId: '4442587FB7D0A2F9'\n}`,
    {
      response: {
        status: 403,
        body: `<Error>${head}${strings}<CanonicalRequest>${escaped(CANONICAL)}</CanonicalRequest></Error>`,
      },
    },
  ],
  [
    'an error of the SDK for Java 1',
    `com.amazonaws.services.s3.model.AmazonS3Exception: ${MISMATCH} (Service: Amazon S3; Status Code: 403; Error Code: SignatureDoesNotMatch; Request ID: 4442587FB7D0A2F9; S3 Extended Request ID: abc=), S3 Extended Request ID: abc=`,
    { response: { status: 403, ...mismatch } },
  ],
  [
    'an error of the SDK for Java 2',
    `software.amazon.awssdk.services.s3.model.S3Exception: ${MISMATCH} (Service: S3, Status Code: 403, Request ID: 4442587FB7D0A2F9, Extended Request ID: abc=)`,
    { response: { status: 403, message: MISMATCH } },
  ],
  [
    'an error of the SDK for Go 1',
    `SignatureDoesNotMatch: ${MISMATCH}\n\tstatus code: 403, request id: 4442587FB7D0A2F9, host id: abc=`,
    { response: { status: 403, ...mismatch } },
  ],
  [
    'an error of the SDK for Go 2',
    `operation error S3: PutObject, https response error StatusCode: 403, RequestID: 4442587FB7D0A2F9, HostID: abc=, api error SignatureDoesNotMatch: ${MISMATCH}`,
    { response: { status: 403, ...mismatch } },
  ],
  [
    'an error of the SDK for PHP',
    `PHP Fatal error:  Uncaught Aws\\S3\\Exception\\S3Exception: Error executing "PutObject" on "https://${HOST}/cat.jpg"; AWS HTTP error: Client error: \`PUT https://${HOST}/cat.jpg\` resulted in a \`403 Forbidden\` response:\n${DECLARATION}\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we (truncated...)\n SignatureDoesNotMatch (client): ${MISMATCH} - ${DECLARATION}\n${SHORT}`,
    {
      request: { method: 'PUT', url: `https://${HOST}/cat.jpg` },
      response: { status: 403, body: `${DECLARATION}\n${SHORT}` },
    },
  ],
  [
    'an error of the SDK for .NET',
    `Amazon.S3.AmazonS3Exception: ${MISMATCH}\n ---> Amazon.Runtime.Internal.HttpErrorResponseException: Exception of type 'Amazon.Runtime.Internal.HttpErrorResponseException' was thrown.`,
    { response: { message: MISMATCH } },
  ],
  ['an error of the SDK for Ruby', `Aws::S3::Errors::SignatureDoesNotMatch (${MISMATCH})`, { response: mismatch }],
  [
    'an error of the SDK for Rust',
    `Error: ServiceError(ServiceError { source: Unhandled(Unhandled { meta: ErrorMetadata { code: Some("SignatureDoesNotMatch"), message: Some("${MISMATCH}"), extras: Some({}) } }) })`,
    { response: mismatch },
  ],
  [
    'an error of minio-js',
    `S3Error: ${MISMATCH}\n    at parseError (/app/node_modules/minio/dist/main/xml-parsers.js:75:11)\n  code: 'SignatureDoesNotMatch',`,
    { response: mismatch },
  ],
  ['an error of mc', `mc: <ERROR> Unable to list folder. ${MISMATCH}`, { response: { message: MISMATCH } }],
  [
    'the wrong region, as MinIO words it',
    "The authorization header is malformed; the region is wrong; expecting 'eu-west-1'.",
    { response: { message: "The authorization header is malformed; the region is wrong; expecting 'eu-west-1'" } },
  ],
  [
    'an error of rclone',
    `2026/01/31 12:00:00 ERROR : cat.jpg: Failed to copy: SignatureDoesNotMatch: ${MISMATCH}\n\tstatus code: 403, request id: 4442587FB7D0A2F9, host id: abc=`,
    { response: { status: 403, ...mismatch } },
  ],
  [
    'an error of restic',
    `Fatal: unable to open config file: Stat: ${MISMATCH}\nIs there a repository at the following location?`,
    { response: { message: MISMATCH } },
  ],
  [
    'an error of s3cmd',
    `ERROR: S3 error: 403 (SignatureDoesNotMatch): ${MISMATCH}`,
    { response: { status: 403, ...mismatch } },
  ],
  [
    'an error of s3fs',
    '[ERR] curl.cpp:RequestPerform(2377): HTTP response code 403, returning EPERM. Body Text: <?xml version="1.0" encoding="UTF-8"?><Error><Code>SignatureDoesNotMatch</Code></Error>',
    {
      response: {
        status: 403,
        body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SignatureDoesNotMatch</Code></Error>',
      },
    },
  ],
  [
    'an error of boto 2',
    `boto.exception.S3ResponseError: S3ResponseError: 403 Forbidden\n${DECLARATION}\n${SHORT}`,
    { response: { status: 403, body: `${DECLARATION}\n${SHORT}` } },
  ],
  [
    'an error of Terraform',
    `Error: error configuring S3 Backend: error validating provider credentials: error calling sts:GetCallerIdentity: InvalidClientTokenId: The security token included in the request is invalid.\n\tstatus code: 403, request id: 3f1a`,
    {
      response: {
        status: 403,
        code: 'InvalidClientTokenId',
        message: 'The security token included in the request is invalid.',
      },
    },
  ],
  [
    'a message of a service, wrapped',
    'upload failed: The request signature we calculated does not match the\nsignature you provided. Check your key and signing method.',
    { response: { message: MISMATCH } },
  ],
  ['a code in prose', 'Why do I get RequestTimeTooSkewed from S3?', { response: { code: 'RequestTimeTooSkewed' } }],
  ['a status in prose', 'The upload fails with 403 Forbidden, but only on CI.', { response: { status: 403 } }],
]

const LOGS: Row[] = [
  [
    'a debug log of botocore',
    `2026-01-31 12:00:00,000 botocore.auth [DEBUG] Calculating signature using v4 auth.\n2026-01-31 12:00:00,000 botocore.auth [DEBUG] CanonicalRequest:\n${OURS}\n2026-01-31 12:00:00,001 botocore.auth [DEBUG] StringToSign:\n${OUR_TO_SIGN}\n2026-01-31 12:00:00,001 botocore.auth [DEBUG] Signature:\n${SIGNATURE}`,
    { signed: { canonicalRequest: OURS, stringToSign: OUR_TO_SIGN } },
    ['canonical-request', 'string-to-sign'],
  ],
  [
    'a debug log of Java',
    `12:00:00.000 [main] DEBUG com.amazonaws.auth.AWS4Signer - AWS4 Canonical Request: '"${OURS}"\n12:00:00.001 [main] DEBUG com.amazonaws.auth.AWS4Signer - AWS4 String to Sign: '"${OUR_TO_SIGN}"`,
    { signed: { canonicalRequest: OURS, stringToSign: OUR_TO_SIGN } },
  ],
  [
    'a debug log of the signer of Go',
    `DEBUG: Request Signature:\n---[ CANONICAL STRING  ]-----------------------------\n${OURS}\n---[ STRING TO SIGN ]--------------------------------\n${OUR_TO_SIGN}\n-----------------------------------------------------`,
    { signed: { canonicalRequest: OURS, stringToSign: OUR_TO_SIGN } },
  ],
  [
    'a signed URL of Go',
    `---[ CANONICAL STRING  ]-----------------------------\n${OURS}\n---[ SIGNED URL ]------------------------------------\n${URL}\n-----------------------------------------------------`,
    { request: { url: URL }, signed: { canonicalRequest: OURS } },
  ],
  [
    'strings that Node printed',
    `{\n  canonicalRequest: ${inspected(OURS)},\n  stringToSign: ${inspected(OUR_TO_SIGN)}\n}`,
    { signed: { canonicalRequest: OURS, stringToSign: OUR_TO_SIGN } },
  ],
  [
    'strings with escapes',
    `canonicalRequest: "${OURS.replaceAll('\n', '\\n')}"\nstringToSign: "${OUR_TO_SIGN.replaceAll('\n', '\\n')}"`,
    { signed: { canonicalRequest: OURS, stringToSign: OUR_TO_SIGN } },
  ],
  [
    'a canonical request of the client, and the error',
    `My canonical request:\n\n${OURS}\n\nWhat S3 returned:\n\n${FULL}`,
    { response: { body: FULL }, signed: { canonicalRequest: OURS } },
  ],
  [
    'two canonical requests',
    `Canonical request, ours:\n\n${OURS}\n\nCanonical request, from the server:\n\n${CANONICAL}`,
    {
      response: {
        body: `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${escaped(CANONICAL)}</CanonicalRequest></Error>`,
      },
      signed: { canonicalRequest: OURS },
    },
  ],
  [
    'a log of containers',
    `proxy_1  | [debug] Canonical request:\n${OURS.split('\n')
      .map((line) => `proxy_1  | ${line}`)
      .join('\n')}`,
    { signed: { canonicalRequest: OURS } },
  ],
  [
    'a debug log of the command line of AWS',
    `2026-01-31 12:00:00,002 - MainThread - botocore.endpoint - DEBUG - Sending http request: <AWSPreparedRequest stream_output=False, method=GET, url=https://${HOST}/cat.jpg, headers={'X-Amz-Date': b'20260131T120000Z', 'Authorization': b'${AUTHORIZATION}'}>\n2026-01-31 12:00:00,100 - MainThread - urllib3.connectionpool - DEBUG - https://${HOST}:443 "GET /cat.jpg HTTP/1.1" 403 None\n2026-01-31 12:00:00,101 - MainThread - botocore.parsers - DEBUG - Response headers: {'x-amz-request-id': '4442587FB7D0A2F9', 'Content-Type': 'application/xml'}\n2026-01-31 12:00:00,101 - MainThread - botocore.parsers - DEBUG - Response body:\nb'${SHORT}'`,
    {
      request: {
        method: 'GET',
        url: `https://${HOST}/cat.jpg`,
        headers: [
          ['host', HOST],
          ['X-Amz-Date', '20260131T120000Z'],
          ['Authorization', AUTHORIZATION],
        ],
      },
      response: {
        status: 403,
        headers: [
          ['x-amz-request-id', '4442587FB7D0A2F9'],
          ['Content-Type', 'application/xml'],
        ],
        body: SHORT,
      },
    },
  ],
]

const CLIENTS: Row[] = [
  [
    'an error in JSON with typographic quotes',
    '{“__type”: “InvalidSignatureException”, “message”: “Signature expired”}',
    { response: { body: '{"__type": "InvalidSignatureException", "message": "Signature expired"}' } },
  ],
  [
    'an error in XML escaped for HTML',
    SHORT.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    { response: { body: SHORT } },
  ],
  [
    'an error in XML that is cut off',
    `<Error>${head}<AWSAccessKeyId>${KEY}</AWSAccessKeyId><StringToSign>AWS4-HMAC`,
    { response: { body: `<Error>${head}<AWSAccessKeyId>${KEY}</AWSAccessKeyId><StringToSign>AWS4-HMAC` } },
  ],
  [
    'a command of wget and what it printed',
    `$ wget --method=HEAD -S -O /dev/null '${URL}'\n--2026-01-31 12:00:00--  ${URL}\nHTTP request sent, awaiting response...\n  HTTP/1.1 403 Forbidden\n  Server: AmazonS3\nRemote file does not exist -- broken link!!!`,
    {
      request: { method: 'HEAD', url: URL, headers: [], body: '' },
      response: { status: 403, headers: [['Server', 'AmazonS3']] },
    },
  ],
  [
    'an exception as the root of XML',
    `<InvalidSignatureException>\n  <Message>Signature expired</Message>\n</InvalidSignatureException>`,
    {
      response: {
        body: `<InvalidSignatureException>\n  <Message>Signature expired</Message>\n</InvalidSignatureException>`,
        code: 'InvalidSignatureException',
      },
    },
  ],
  [
    'an error of requests in Python',
    `requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: ${URL}`,
    { request: { url: URL }, response: { status: 403 } },
  ],
  [
    'the console of a browser',
    `PUT ${URL} 403 (Forbidden)`,
    { request: { method: 'PUT', url: URL }, response: { status: 403 } },
  ],
  [
    'an error of a WebSocket',
    `WebSocket connection to 'wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt?${QUERY}&X-Amz-Signature=${SIGNATURE}' failed: Error during WebSocket handshake: Unexpected response code: 403`,
    {
      request: { url: `wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt?${QUERY}&X-Amz-Signature=${SIGNATURE}` },
      response: { status: 403 },
    },
  ],
  [
    'an error of Feign',
    `feign.FeignException$Forbidden: [403 Forbidden] during [PUT] to [${URL}] [Client#put(URI)]: [${DECLARATION}\n${SHORT}]`,
    { request: { method: 'PUT', url: URL }, response: { status: 403, body: `${DECLARATION}\n${SHORT}` } },
  ],
  [
    'headers without a request line, and the error',
    `x-amz-date: 20260131T120000Z\nAuthorization: ${AUTHORIZATION}\n\n${JSON.stringify({ message: PROSE })}`,
    {
      request: {
        method: 'POST',
        url: '/',
        headers: [
          ['x-amz-date', '20260131T120000Z'],
          ['Authorization', AUTHORIZATION],
          ['host', 'dynamodb.eu-west-1.amazonaws.com'],
        ],
      },
      response: { body: JSON.stringify({ message: PROSE }) },
    },
  ],
]

const AROUND: Row[] = [
  [
    'a response that redirected to the URL',
    `HTTP/1.1 307 Temporary Redirect\nLocation: ${URL}\n\nHTTP/1.1 403 Forbidden\nContent-Type: application/xml\n\n${SHORT}`,
    {
      request: { url: URL },
      redirect: { status: 307, headers: [['Location', URL]] },
      response: { status: 403, headers: XML_HEADERS, body: SHORT },
    },
  ],
  [
    'the endpoint of a client, and the error',
    `const s3 = new S3Client({ endpoint: "http://localhost:9000", forcePathStyle: true })\n\nSignatureDoesNotMatch: ${MISMATCH}`,
    { response: mismatch, endpoint: 'http://localhost:9000' },
  ],
  [
    'an endpoint in the environment, and a version that adds checksums',
    `AWS_ENDPOINT_URL=https://s3.example.com\nboto3==1.36.3\n\nAn error occurred (SignatureDoesNotMatch) when calling the PutObject operation: ${MISMATCH}`,
    { response: mismatch, endpoint: 'https://s3.example.com', hints: ['checksum'] },
    ['configuration'],
  ],
  [
    'the options of a client of MinIO',
    `const client = new Minio.Client({\n  endPoint: 'minio.example.com',\n  port: 9000,\n  useSSL: false,\n})\n\nS3Error: ${MISMATCH}`,
    { response: { message: MISMATCH }, endpoint: 'http://minio.example.com:9000' },
  ],
  [
    'a command that stores a secret with a line end',
    `echo "$MINIO_SECRET" | docker secret create minio_secret_key -\n\nSignatureDoesNotMatch: ${MISMATCH}`,
    { response: mismatch, hints: ['secret-whitespace'] },
    ['command'],
  ],
  [
    'a secret in the environment that ends with a line end',
    `AWS_SECRET_ACCESS_KEY="[secret]\\n"\n\nSignatureDoesNotMatch: ${MISMATCH}`,
    { response: mismatch, hints: ['secret-whitespace'] },
    ['command'],
  ],
  [
    'a proxy that passes the name of its upstream',
    `endpointOverride(URI.create("http://proxy:8080"))\n\nserver {\n    location / {\n        proxy_pass http://minio:9000;\n    }\n}\n\nSignatureDoesNotMatch: ${MISMATCH}`,
    { response: mismatch, endpoint: 'http://proxy:8080', hints: ['host'] },
    ['configuration'],
  ],
  [
    'a presigned URL and the same with a different host',
    `works: http://minio:9000${TARGET}\nfails: https://files.example.com${TARGET}\n\n${SHORT}`,
    {
      request: { url: `https://files.example.com${TARGET}` },
      response: { body: SHORT },
      endpoint: 'http://minio:9000',
    },
  ],
  [
    'a command that asks for the head',
    `wget --spider '${URL}'`,
    { request: { method: 'HEAD', url: URL, headers: [], body: '' } },
  ],
  [
    'an error in JSON and a line of an access log',
    `{"code":500,"detailedMessage":"${MISMATCH}","message":"an error occurred"}\n\n10.0.0.1 - - [31/Jan/2026:12:00:00 +0000] "PUT /photos//1.jpg HTTP/1.1" 403 437 "-" "minio-go"`,
    {
      request: { method: 'PUT', url: '/photos//1.jpg' },
      response: {
        status: 403,
        body: `{"code":500,"detailedMessage":"${MISMATCH}","message":"an error occurred"}`,
        message: MISMATCH,
      },
    },
  ],
  [
    'an error in a log in JSON',
    `{"level":"error","ts":"2026-01-31T12:00:00Z","caller":"a.go:1","msg":"upload failed","error":"SignatureDoesNotMatch: ${MISMATCH}"}`,
    {
      response: {
        body: `{"level":"error","ts":"2026-01-31T12:00:00Z","caller":"a.go:1","msg":"upload failed","error":"SignatureDoesNotMatch: ${MISMATCH}"}`,
        code: 'SignatureDoesNotMatch',
        message: `SignatureDoesNotMatch: ${MISMATCH}`,
      },
    },
  ],
  [
    'a hash of Ruby',
    `request: {:method=>"GET", :path=>"/cat.jpg", :headers=>{"Host"=>"${HOST}", "x-amz-date"=>"20260131T120000Z", "Authorization"=>"${AUTHORIZATION}"}}`,
    {
      request: {
        method: 'GET',
        url: `https://${HOST}/cat.jpg`,
        headers: [
          ['Host', HOST],
          ['x-amz-date', '20260131T120000Z'],
          ['Authorization', AUTHORIZATION],
        ],
      },
    },
  ],
]

/** What logs and errors of clients contain. */
const DUMPS: readonly Row[] = [
  [
    'a transcript of Cyberduck',
    [
      'GET /?location= HTTP/1.1',
      `Host: ${HOST}`,
      'Authorization: ********',
      'HTTP/1.1 403 Forbidden',
      'Server: AmazonS3',
    ]
      .map((line) => `2026-01-31 12:00:00,000 [a] INFO  ch.cyberduck.transcript.request - ${line}`)
      .join('\n'),
    {
      request: {
        method: 'GET',
        url: '/?location=',
        headers: [
          ['Host', HOST],
          ['Authorization', '********'],
        ],
        body: '',
      },
      response: { status: 403, headers: [['Server', 'AmazonS3']] },
    },
  ],
  [
    'a URL with the line and the column that a browser adds',
    `${URL}:1:1 Failed to load resource: the server responded with a status of 403 (Forbidden)`,
    { request: { url: URL }, response: { status: 403 } },
  ],
  [
    'an Authorization header, with the URL behind it',
    `I send Authorization: ${AUTHORIZATION} to https://${HOST}/cat.jpg and get the error signature does not match`,
    {
      request: {
        url: `https://${HOST}/cat.jpg`,
        headers: [
          ['host', HOST],
          ['Authorization', AUTHORIZATION],
        ],
      },
      response: { code: 'SignatureDoesNotMatch' },
    },
  ],
  ['a sentence about another signature', 'My signature does not match the one of my colleague.', {}],
  ['a status of PowerShell', 'The remote server returned an error: (403) Forbidden.', { response: { status: 403 } }],
]

const VARIANTS: Row[] = [
  [
    'headers that a Go program printed',
    `map[Authorization:[${AUTHORIZATION}] Host:[${HOST}] X-Amz-Content-Sha256:[${HASH}] X-Amz-Date:[20260131T120000Z]]`,
    {
      request: {
        url: '/',
        headers: [
          ['Authorization', AUTHORIZATION],
          ['Host', HOST],
          ['X-Amz-Content-Sha256', HASH],
          ['X-Amz-Date', '20260131T120000Z'],
        ],
      },
    },
  ],
  [
    'the network panel with response headers, each value on its own line',
    `Request URL:\n${URL}\nRequest Method:\nPUT\nStatus Code:\n403 Forbidden\nRemote Address:\n52.218.0.1:443\nResponse Headers\ncontent-type:\napplication/xml\ndate:\nSat, 31 Jan 2026 12:00:00 GMT\nRequest Headers\n:authority:\n${HOST}\ncontent-type:\nimage/jpeg\norigin:\nhttps://example.com`,
    {
      request: {
        method: 'PUT',
        url: URL,
        headers: [
          ['content-type', 'image/jpeg'],
          ['origin', 'https://example.com'],
        ],
      },
      response: {
        status: 403,
        headers: [
          ['content-type', 'application/xml'],
          ['date', 'Sat, 31 Jan 2026 12:00:00 GMT'],
        ],
      },
    },
  ],
  [
    'the network panel, with each value on its own line',
    `General\nRequest URL\n${URL}\nRequest Method\nPUT\nStatus Code\n403 Forbidden\nReferrer Policy\nstrict-origin-when-cross-origin`,
    { request: { method: 'PUT', url: URL }, response: { status: 403, headers: [] } },
  ],
  [
    'the network panel, with a colon after each name',
    `Request URL:\n${URL}\nRequest Method:\nPUT\nStatus Code:\n403 Forbidden\nRemote Address:\n52.218.0.1:443\nReferrer Policy:\nstrict-origin-when-cross-origin`,
    { request: { method: 'PUT', url: URL }, response: { status: 403, headers: [] } },
  ],
  [
    'the network panel over HTTP/2',
    `Request URL: ${URL}\nRequest Method: PUT\nStatus Code: 403\nRequest Headers\n:authority: ${HOST}\n:method: PUT\n:path: ${TARGET}\ncontent-type: image/jpeg`,
    {
      request: { method: 'PUT', url: URL, headers: [['content-type', 'image/jpeg']] },
      response: { status: 403, headers: [] },
    },
  ],
  [
    'the network panel without the URL',
    `General\nRequest Method: PUT\nStatus Code: 403 Forbidden\n\n${SHORT}`,
    { response: { status: 403, body: SHORT } },
  ],
  [
    'a MinIO trace without its response',
    `localhost:9000 [REQUEST s3.GetObject] [2026-01-31T12:00:00.000000] [Client IP: 127.0.0.1]\nlocalhost:9000 GET /cat.jpg\nlocalhost:9000 Proto: HTTP/1.1\n${GET.headers.map((each) => `localhost:9000 ${each.join(': ')}`).join('\n')}`,
    { request: GET },
  ],
  [
    'a MinIO trace that is cut after [RESPONSE]',
    `localhost:9000 [REQUEST s3.GetObject] [2026-01-31T12:00:00.000000] [Client IP: 127.0.0.1]\nlocalhost:9000 GET /cat.jpg\nlocalhost:9000 Proto: HTTP/1.1\n${GET.headers.map((each) => `localhost:9000 ${each.join(': ')}`).join('\n')}\nlocalhost:9000 [RESPONSE] [2026-01-31T12:00:00.001000] [ Duration 1ms  ↑ 93 B  ↓ 402 B ]`,
    { request: GET },
  ],
  [
    'a MinIO trace of one line',
    `localhost:9000 [REQUEST s3.GetObject] [2026-01-31T12:00:00.000000] [Client IP: 127.0.0.1]\n\n${SHORT}`,
    { response: { body: SHORT } },
  ],
  [
    'an access log of a proxy',
    `192.0.2.3 - - [31/Jan/2026:12:00:00 +0000] "GET https://${HOST}${TARGET} HTTP/1.1" 403 437 "-" "curl/8.5.0"`,
    { request: { method: 'GET', url: URL }, response: { status: 403 } },
  ],
  [
    'a command of curl in the background',
    `curl -X PUT -T cat.jpg '${URL}' &`,
    { request: { method: 'PUT', url: URL, headers: [] } },
  ],
  [
    'a command of curl inside backticks of Markdown',
    `I ran \`curl -I ${HOST}/cat.jpg\` and got "${MISMATCH}"`,
    {
      request: { method: 'HEAD', url: `${HOST}/cat.jpg`, headers: [], body: '' },
      response: { code: 'SignatureDoesNotMatch' },
    },
  ],
  [
    'a command of curl with JSON',
    `curl --json '{"a":1}' https://${HOST}/cat.jpg`,
    {
      request: {
        method: 'POST',
        url: `https://${HOST}/cat.jpg`,
        headers: [['Content-Type', 'application/json']],
        body: '{"a":1}',
      },
    },
  ],
  [
    'a command of curl with --url-query',
    `curl 'https://${HOST}/cat.jpg?a=1' --url-query 'name=a b' --url-query +c=%20`,
    { request: { method: 'GET', url: `https://${HOST}/cat.jpg?a=1&name=a%20b&c=%20`, headers: [], body: '' } },
  ],
  [
    'a command of curl with an empty header',
    `curl -H 'X-Empty;' -H 'Accept:' -H 'nonsense' https://${HOST}/cat.jpg`,
    { request: { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: [['X-Empty', '']], body: '' } },
  ],
  [
    'a command of curl that is cut',
    `curl https://${HOST}/cat.jpg -H`,
    { request: { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: [], body: '' } },
  ],
  [
    'a command of PowerShell by hand',
    `Invoke-RestMethod -Method PUT -InFile .\\cat.jpg -Uri '${URL}'`,
    { request: { method: 'PUT', url: URL, headers: [] } },
  ],
  [
    'a command of PowerShell without a method',
    `iwr "${URL}" -OutFile cat.jpg`,
    { request: { method: 'GET', url: URL, headers: [], body: '' } },
  ],
  [
    'a HAR file of a request that worked',
    JSON.stringify({
      log: {
        entries: [
          {
            request: { method: 'GET', url: URL, headers: [], bodySize: 0 },
            response: { status: 200, headers: [], content: { text: 'cat' } },
          },
        ],
      },
    }),
    {
      request: { method: 'GET', url: URL, headers: [], body: '' },
      response: { status: 200, headers: [], body: 'cat' },
    },
  ],
  [
    'a HAR file without a type of the body',
    JSON.stringify({
      log: {
        entries: [
          {
            request: { method: 'PUT', url: URL, headers: [], postData: { text: 'hello' } },
            response: { status: 403, headers: [], content: { text: SHORT } },
          },
        ],
      },
    }),
    {
      request: { method: 'PUT', url: URL, headers: [], body: 'hello' },
      response: { status: 403, headers: [], body: SHORT },
    },
  ],
  [
    'the headers of a response over HTTP/2',
    `:status: 403\ncontent-type: application/xml\nx-amz-request-id: 4442587FB7D0A2F9`,
    {
      response: {
        status: 403,
        headers: [
          ['content-type', 'application/xml'],
          ['x-amz-request-id', '4442587FB7D0A2F9'],
        ],
      },
    },
  ],
  [
    'a log of curl -v whose request is cut',
    `> PUT ${TARGET} HTTP/1.1\n> Host: ${HOST}\n* Mark bundle as not supporting multiuse\n> Content-Type: image/jpeg`,
    {
      request: {
        method: 'PUT',
        url: TARGET,
        headers: [
          ['Host', HOST],
          ['Content-Type', 'image/jpeg'],
        ],
      },
    },
  ],
  ['a path and a header that are no request', `GET /cat.jpg\nAccept: */*\n\n${SHORT}`, { response: { body: SHORT } }],
  [
    'a redirect at the end',
    `HTTP/1.1 307 Temporary Redirect\nLocation: ${URL}\n`,
    { response: { status: 307, headers: [['Location', URL]] } },
  ],
  [
    'a redirect and the response after it',
    `HTTP/1.1 307 Temporary Redirect\nLocation: ${URL}\n\nHTTP/1.1 403 Forbidden\nContent-Type: application/xml\n\n${SHORT}`,
    {
      request: { url: URL },
      response: { status: 403, headers: XML_HEADERS, body: SHORT },
      redirect: { status: 307, headers: [['Location', URL]] },
    },
  ],
  [
    'the options of a request without a path',
    `{ method: 'GET', host: '${HOST}', headers: { 'X-Amz-Date': '20260131T120000Z', Authorization: '${AUTHORIZATION}' } }`,
    {
      request: {
        method: 'GET',
        url: `https://${HOST}/`,
        headers: [
          ['X-Amz-Date', '20260131T120000Z'],
          ['Authorization', AUTHORIZATION],
        ],
      },
    },
  ],
  [
    'the headers of an options object',
    `{ headers: { 'X-Amz-Date': '20260131T120000Z', Authorization: '${AUTHORIZATION}' } }`,
    {},
    ['request'],
  ],
  [
    'a form without a policy',
    `------WebKitFormBoundaryA\nContent-Disposition: form-data; name="file"; filename="a.txt"\nContent-Type: text/plain\n\nhello\n------WebKitFormBoundaryA--\n\n${SHORT}`,
    { response: { body: SHORT } },
  ],
  [
    'a body of letters outside ASCII',
    `PUT /note.txt HTTP/1.1\nHost: ${HOST}\nContent-Length: 13\n\naé€😀 ok\n\nThen it failed.`,
    {
      request: {
        method: 'PUT',
        url: '/note.txt',
        headers: [
          ['Host', HOST],
          ['Content-Length', '13'],
        ],
        body: 'aé€😀 ok',
      },
    },
  ],
  [
    'a request of which Content-Length is masked',
    `PUT /cat.jpg HTTP/1.1\nHost: ${HOST}\nContent-Length: xxx\n\nhello`,
    {
      request: {
        method: 'PUT',
        url: '/cat.jpg',
        headers: [
          ['Host', HOST],
          ['Content-Length', 'xxx'],
        ],
      },
    },
  ],
  [
    'two raw requests',
    `PUT /a.txt HTTP/1.1\nHost: ${HOST}\nContent-Length: 2\n\nhi\nGET /cat.jpg HTTP/1.1\nHost: ${HOST}`,
    { request: { method: 'GET', url: '/cat.jpg', headers: [['Host', HOST]], body: '' } },
  ],
  [
    'an error whose hash is broken in two',
    FULL.replace('UNSIGNED-PAYLOAD', `${HASH.slice(0, 30)}\n${HASH.slice(30)}`),
    { response: { body: FULL.replace('UNSIGNED-PAYLOAD', `${HASH.slice(0, 30)}\n${HASH.slice(30)}`) } },
  ],
  [
    'an error whose canonical request is empty',
    FULL.replace(/<CanonicalRequest>[^<]*/, '<CanonicalRequest>'),
    {
      response: {
        body: `<Error><Code>SignatureDoesNotMatch</Code><Message>${MISMATCH}</Message><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${HASH}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided><CanonicalRequest></CanonicalRequest><RequestId>4442587FB7D0A2F9</RequestId></Error>`,
      },
    },
  ],
  [
    'an error whose canonical request has a different list of headers',
    FULL.replace('host\nUNSIGNED', 'range\nUNSIGNED').replaceAll('\n', ' '),
    {
      response: {
        body: `<Error><Code>SignatureDoesNotMatch</Code><Message>${MISMATCH}</Message><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${HASH}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided><CanonicalRequest>PUT /cat.jpg X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260131%2Feu-west-1%2Fs3%2Faws4_request&amp;X-Amz-Date=20260131T120000Z&amp;X-Amz-Expires=900&amp;X-Amz-SignedHeaders=content-type%3Bhost content-type:image/jpeg host:${HOST}  content-type;range UNSIGNED-PAYLOAD</CanonicalRequest><RequestId>4442587FB7D0A2F9</RequestId></Error>`,
      },
    },
  ],
  [
    'an error whose headers are hidden',
    FULL.replace('content-type;host\nUNSIGNED', '(hidden)\nUNSIGNED').replaceAll('\n', ' '),
    {
      response: {
        body: `<Error><Code>SignatureDoesNotMatch</Code><Message>${MISMATCH}</Message><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${HASH}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided><CanonicalRequest>PUT /cat.jpg X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260131%2Feu-west-1%2Fs3%2Faws4_request&amp;X-Amz-Date=20260131T120000Z&amp;X-Amz-Expires=900&amp;X-Amz-SignedHeaders=content-type%3Bhost content-type:image/jpeg host:${HOST}  (hidden) UNSIGNED-PAYLOAD</CanonicalRequest><RequestId>4442587FB7D0A2F9</RequestId></Error>`,
      },
    },
  ],
  [
    'a message whose string to sign is missing',
    PROSE.replace(/\n\nThe String-to-Sign[\s\S]*/, '\n').replaceAll('\n', ' '),
    {
      response: {
        code: 'InvalidSignatureException',
        message: `${LONG_MISMATCH}\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:dynamodb.eu-west-1.amazonaws.com\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\n${HASH}'\n`,
      },
    },
  ],
  [
    'a message whose string to sign is cut',
    PROSE.replace(/\/dynamodb\/aws4_request\n[\s\S]*/, '').replaceAll('\n', ' '),
    {
      response: {
        code: 'InvalidSignatureException',
        message: `${LONG_MISMATCH}\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:dynamodb.eu-west-1.amazonaws.com\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\n${HASH}'\n`,
      },
    },
  ],
  [
    'strings that a program escapes',
    `canonical: "PUT\\n/cat.jpg\\n\\nhost:${HOST}\\n\\nhost\\n\\x55NSIGNED-PAYLOAD`,
    { signed: { canonicalRequest: `PUT\n/cat.jpg\n\nhost:${HOST}\n\nhost\nUNSIGNED-PAYLOAD` } },
  ],
  [
    'a secret and a token on one line',
    `secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzKEY, session_token = FwoGZXIvYXdzEBYaDP1a2b3c4d5e6f7g8h\ncurl -H 'X-Debug: wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzKEY' https://${HOST}/cat.jpg\n${SHORT}`,
    {
      request: { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: [['X-Debug', '[secret]']], body: '' },
      response: { body: SHORT },
    },
  ],
  [
    'a form whose names have no quotation marks',
    `------WebKitFormBoundaryA\nContent-Disposition: form-data; name=policy\n\neyJhIjoxfQ==\n------WebKitFormBoundaryA--\n\n${SHORT}`,
    { response: { body: SHORT } },
  ],
]

/** Every shape. */
export const PASTES: readonly Paste[] = [
  ...URLS,
  ...ERRORS,
  ...HTTP,
  ...COMMANDS,
  ...MESSAGES,
  ...LOGS,
  ...CLIENTS,
  ...AROUND,
  ...DUMPS,
  ...VARIANTS,
].map(([title, paste, expected, kinds]) => ({
  title,
  paste,
  expected: expected as Paste['expected'],
  ...(kinds && { kinds }),
}))
