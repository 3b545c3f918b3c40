// Examples of docs/causes.md, for each cause: lines before (-) and after (+) the fix, and commands that reproduce it ($).
// test/docs/causes.slow.test.ts runs the commands.

/** What the commands need, as on the page. */
export const PREPARATION =
  String.raw`Start [\`serve\`](cli.md#a-local-s3-server) with the access key of AWS's documentation, which is valid nowhere else:

\`\`\`sh
npm install --global sigv4-tools
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
sigv4 serve --region eu-west-1
\`\`\`

In a second terminal, in an empty directory, upload an object and presign a URL for it. The settings make curl print its requests, and ignore proxies:

\`\`\`sh
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
export AWS_REGION=eu-west-1 AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000; unset AWS_SESSION_TOKEN
export BUCKET=$AWS_ENDPOINT_URL_S3/photos OBJECT=$AWS_ENDPOINT_URL_S3/photos/cat.jpg
export CURL_HOME=$PWD; printf 'silent\nverbose\nnoproxy = "*"\n' > .curlrc
echo hello > cat.jpg
sigv4 presign put s3://photos/cat.jpg --curl --file cat.jpg | sh
export URL=$(sigv4 presign get s3://photos/cat.jpg --expires 12h)
\`\`\`

sigv4 does not make some of these mistakes. They need a signer that does; save it as \`sign.cjs\`:

\`\`\`js
// Presigns a GET request: node sign.cjs SENT [SIGNED [HEADER]]
// SENT is the path and query to send, SIGNED what the signature is computed for, HEADER a line to sign, such as a:b
const { createHash, createHmac } = require('node:crypto')
const env = process.env
const [sent, signed = sent, header] = process.argv.slice(2)
const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
const scope = [date.slice(0, 8), env.AWS_REGION, 's3', 'aws4_request']
const names = header ? 'host;' + header.split(':')[0] : 'host'
const parameters = new URLSearchParams({
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': [env.AWS_ACCESS_KEY_ID, ...scope].join('/'),
  'X-Amz-Date': date,
  'X-Amz-Expires': '900',
  'X-Amz-SignedHeaders': names,
})

const [path, query] = signed.split('?')
const canonicalQuery = [parameters, query].filter(Boolean).join('&')
const headers = ['host:' + new URL(env.AWS_ENDPOINT_URL_S3).host, header].filter(Boolean)
const request = ['GET', path, canonicalQuery, ...headers, '', names, 'UNSIGNED-PAYLOAD'].join('\n')
const hash = createHash('sha256').update(request).digest('hex')
const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
const key = scope.reduce(hmac, 'AWS4' + env.AWS_SECRET_ACCESS_KEY)
const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), hash].join('\n')).toString('hex')
console.log(env.AWS_ENDPOINT_URL_S3 + sent + (query ? '&' : '?') + parameters + '&X-Amz-Signature=' + signature)
\`\`\`

\`explain\` sees the body of a request only if you pass it. For two causes it needs the body of a form; save this as \`form.cjs\`:

\`\`\`js
// Prints the body of the form that sigv4 post --json describes, with the boundary x
const { fields } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
for (const [name, value] of Object.entries({ ...fields, file: 'hello' }))
  process.stdout.write('--x\r\ncontent-disposition: form-data; name="' + name + '"\r\n\r\n' + value + '\r\n')
process.stdout.write('--x--\r\n')
\`\`\``.replaceAll('\\`', '`')

const EXAMPLES = String.raw`
wrong-secret
- AWS_ACCESS_KEY_ID=AKIAPRODUCTION AWS_SECRET_ACCESS_KEY=<secret of the staging key>
+ AWS_ACCESS_KEY_ID=AKIAPRODUCTION AWS_SECRET_ACCESS_KEY=<secret of AKIAPRODUCTION>
$ curl "$(AWS_SECRET_ACCESS_KEY=different sigv4 presign get s3://photos/cat.jpg)" 2>&1 | sigv4 explain
unknown-access-key
- X-Amz-Credential=AKIADELETEDKEY/20260131/eu-west-1/s3/aws4_request
+ X-Amz-Credential=AKIACURRENTKEY/20260131/eu-west-1/s3/aws4_request
$ curl "$(AWS_ACCESS_KEY_ID=AKIADOESNOTEXIST sigv4 presign get s3://photos/cat.jpg)" 2>&1 | sigv4 explain
keys-swapped
- credentials: { accessKeyId: env.AWS_SECRET_ACCESS_KEY, secretAccessKey: env.AWS_ACCESS_KEY_ID }
+ credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY }
$ SWAPPED=$(AWS_ACCESS_KEY_ID=$AWS_SECRET_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$AWS_ACCESS_KEY_ID node sign.cjs /photos/cat.jpg)
$ curl "$SWAPPED" 2>&1 | sigv4 explain
secret-whitespace
- const secretAccessKey = readFileSync('secret', 'utf8')
+ const secretAccessKey = readFileSync('secret', 'utf8').trim()
$ curl "$(AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY " node sign.cjs /photos/cat.jpg)" 2>&1 | sigv4 explain
secret-encoding
- const secretAccessKey = encodeURIComponent(secret)
+ const secretAccessKey = secret
$ SECRET=$(printf %s "$AWS_SECRET_ACCESS_KEY" | base64)
$ curl "$(AWS_SECRET_ACCESS_KEY=$SECRET sigv4 presign get s3://photos/cat.jpg)" 2>&1 | sigv4 explain
key-derivation
- const signingKey = cachedKey // derived yesterday
+ const signingKey = derive(secret, '20260131', 'eu-west-1', 's3', 'aws4_request')
$ curl "$(sed 's/scope.reduce/[...scope].sort().reduce/' sign.cjs | node - /photos/cat.jpg)" 2>&1 | sigv4 explain
canonical-request
- [method, path, query, ...headers, names, hash].join('\n')
+ [method, path, query, ...headers, '', names, hash].join('\n')
$ WITHOUT=$(sed "s/, '', names/, names/" sign.cjs | node - /photos/cat.jpg)
$ curl "$WITHOUT" 2>&1 | sigv4 explain
string-to-sign
- [algorithm, date, scope.join('/'), canonicalRequest].join('\n')
+ [algorithm, date, scope.join('/'), sha256(canonicalRequest)].join('\n')
$ curl "$(sed 's/, hash]/, request]/' sign.cjs | node - /photos/cat.jpg)" 2>&1 | sigv4 explain
session-token
- credentials: { accessKeyId, secretAccessKey }
+ credentials: { accessKeyId, secretAccessKey, sessionToken }
$ curl "$(AWS_SESSION_TOKEN=expired sigv4 presign get s3://photos/cat.jpg)" 2>&1 | sigv4 explain
expired
- GET /cat.jpg?X-Amz-Date=20260131T120000Z&X-Amz-Expires=900… at 12:20
+ GET /cat.jpg?X-Amz-Date=20260131T120000Z&X-Amz-Expires=3600… at 12:20
$ SHORT=$(sigv4 presign get s3://photos/cat.jpg --expires 1s)
$ sleep 2; curl "$SHORT" 2>&1 | sigv4 explain
expires-range
- X-Amz-Expires=900000
+ X-Amz-Expires=900
$ curl "$(printf %s "$URL" | sed 's/Expires=[0-9]*/Expires=900000/')" 2>&1 | sigv4 explain
expires-format
- X-Amz-Expires=15m
+ X-Amz-Expires=900
$ curl "$(printf %s "$URL" | sed 's/Expires=[0-9]*/Expires=15m/')" 2>&1 | sigv4 explain
clock-past
- x-amz-date: 20260131T110000Z (the time is 12:00 UTC)
+ x-amz-date: 20260131T120000Z
$ sigv4 sign GET "$OBJECT" --service s3 --signing-date 2026-01-31T11:00:00Z --curl | sh 2>&1 | sigv4 explain
clock-future
- x-amz-date: 20260131T130000Z (the time is 12:00 UTC)
+ x-amz-date: 20260131T120000Z
$ sigv4 sign GET "$OBJECT" --service s3 --signing-date 2099-01-01T00:00:00Z --curl | sh 2>&1 | sigv4 explain
clock-timezone
- const hour = String(date.getHours()).padStart(2, '0')
+ const hour = String(date.getUTCHours()).padStart(2, '0')
$ LOCAL=$(TZ=JST-9 date +%Y-%m-%dT%H:%M:%SZ)
$ curl "$(sigv4 presign get s3://photos/cat.jpg --signing-date "$LOCAL")" 2>&1 | sigv4 explain
date-format
- x-amz-date: 2026-01-31T12:00:00Z
+ x-amz-date: 20260131T120000Z
$ curl "$(printf %s "$URL" | sed 's/Date=[0-9TZ]*/Date=2026-01-31T12:00:00Z/')" 2>&1 | sigv4 explain
date-mismatch
- headers['x-amz-date'] = amzDate(new Date()); stringToSign(amzDate(new Date()))
+ const date = amzDate(new Date()); headers['x-amz-date'] = date; stringToSign(date)
$ sleep 1; LATER=$(sigv4 presign get s3://photos/cat.jpg --expires 12h | sed 's/.*=//')
$ curl "$(printf %s "$URL" | sed "s/[^=]*$/$LATER/")" 2>&1 | sigv4 explain
scope-date
- X-Amz-Date=20260201T000100Z&X-Amz-Credential=AKID/20260131/eu-west-1/s3/aws4_request
+ X-Amz-Date=20260201T000100Z&X-Amz-Credential=AKID/20260201/eu-west-1/s3/aws4_request
$ curl "$(printf %s "$URL" | sed -E 's/%2F[0-9]{8}%2F/%2F20200101%2F/')" 2>&1 | sigv4 explain
scope-region
- Credential=AKID/20260131/us-east-1/s3/aws4_request (the bucket is in eu-west-1)
+ Credential=AKID/20260131/eu-west-1/s3/aws4_request
$ sigv4 sign GET "$OBJECT" --service s3 --region us-east-1 --curl | sh 2>&1 | sigv4 explain
scope-service
- Credential=AKID/20260131/eu-west-1/apigateway/aws4_request
+ Credential=AKID/20260131/eu-west-1/execute-api/aws4_request
$ sigv4 sign GET "$OBJECT" --service storage --curl | sh 2>&1 | sigv4 explain
scope-terminator
- Credential=AKID/20260131/eu-west-1/s3/aws4
+ Credential=AKID/20260131/eu-west-1/s3/aws4_request
$ curl "$(printf %s "$URL" | sed 's/aws4_request/aws4/')" 2>&1 | sigv4 explain
algorithm
- X-Amz-Algorithm=AWS4-HMAC-SHA1
+ X-Amz-Algorithm=AWS4-HMAC-SHA256
$ curl "$(printf %s "$URL" | sed 's/HMAC-SHA256/HMAC-SHA1/')" 2>&1 | sigv4 explain
signature-v2
- /cat.jpg?AWSAccessKeyId=AKID&Expires=1769860800&Signature=…
+ /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID/…&X-Amz-Signature=…
$ curl "$OBJECT?AWSAccessKeyId=$AWS_ACCESS_KEY_ID&Expires=1900000000&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D" 2>&1 | sigv4 explain
anonymous
- GET /cat.jpg HTTP/1.1
+ GET /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&…&X-Amz-Signature=… HTTP/1.1
$ curl "$OBJECT" 2>&1 | sigv4 explain
two-auths
- fetch(presignedUrl, { headers: { Authorization: 'Bearer …' } })
+ fetch(presignedUrl)
$ curl -H 'Authorization: Bearer x' "$URL" 2>&1 | sigv4 explain
malformed-authorization
- Authorization: AWS4-HMAC-SHA256 Credential=AKID/…; SignedHeaders=host; Signature=…
+ Authorization: AWS4-HMAC-SHA256 Credential=AKID/…, SignedHeaders=host, Signature=…
$ curl -H 'Authorization: AWS4-HMAC-SHA256 Credential=x' "$OBJECT" 2>&1 | sigv4 explain
malformed-credential
- X-Amz-Credential=AKID/eu-west-1/s3/aws4_request
+ X-Amz-Credential=AKID/20260131/eu-west-1/s3/aws4_request
$ curl "$(printf %s "$URL" | sed -E 's/%2F[0-9]{8}//')" 2>&1 | sigv4 explain
malformed-signature
- X-Amz-Signature=Zk3lC0m1bq9XQmFzZTY0
+ X-Amz-Signature=24d2d9a3d68a2b1d3f0e… (64 characters)
$ curl "$(printf %s "$URL" | sed -E 's/Signature=.{32}/Signature=/')" 2>&1 | sigv4 explain
tampered-signature
- X-Amz-Signature=O4d2d9… (letter O)
+ X-Amz-Signature=04d2d9… (zero)
$ curl "$(printf %s "$URL" | sed -E 's/Signature=.{4}/Signature=0000/')" 2>&1 | sigv4 explain
signature-case
- X-Amz-Signature=24D2D9A3…
+ X-Amz-Signature=24d2d9a3…
$ UPPERCASE=$(printf %s "$URL" | sed 's/.*=//' | tr a-f A-F)
$ curl "$(printf %s "$URL" | sed "s/[^=]*$/$UPPERCASE/")" 2>&1 | sigv4 explain
missing-param
- curl https://photos.s3.amazonaws.com/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…
+ curl 'https://photos.s3.amazonaws.com/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…'
$ curl "$(printf %s "$URL" | sed 's/&.*//')" 2>&1 | sigv4 explain
missing-header
- GET /cat.jpg, authorization: AWS4-HMAC-SHA256 …
+ GET /cat.jpg, authorization: AWS4-HMAC-SHA256 …, x-amz-date: 20260131T120000Z, x-amz-content-sha256: UNSIGNED-PAYLOAD
$ sigv4 sign GET "$OBJECT" --service s3 --curl | sed 's/x-amz-content-sha256: /x-other: /' | sh 2>&1 | sigv4 explain
param-case
- ?x-amz-algorithm=AWS4-HMAC-SHA256&x-amz-credential=…
+ ?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…
$ curl "$(printf %s "$URL" | sed 's/X-Amz-/x-amz-/g')" 2>&1 | sigv4 explain
method
- fetch(urlPresignedForGet, { method: 'HEAD' })
+ fetch(urlPresignedForHead, { method: 'HEAD' })
$ curl --head "$URL" 2>&1 | sigv4 explain
host
- signed host: photos.s3.amazonaws.com, sent Host: cdn.example.com
+ signed host: photos.s3.amazonaws.com, sent Host: photos.s3.amazonaws.com
$ curl "$(sigv4 presign get s3://photos/cat.jpg --endpoint http://localhost:9000 | sed 's/localhost/127.0.0.1/')" 2>&1 | sigv4 explain
host-port
- signed host: localhost, sent Host: localhost:9000
+ signed host: localhost:9000, sent Host: localhost:9000
$ curl "$(sigv4 presign get s3://photos/cat.jpg --endpoint http://127.0.0.1 | sed 's/127.0.0.1/&:9000/')" 2>&1 | sigv4 explain
path
- signed /storage/cat.jpg, received /cat.jpg
+ signed /cat.jpg, received /cat.jpg
$ curl "$(sigv4 presign get s3://photos/cat.jpg --endpoint http://127.0.0.1:9000/storage | sed 's,/storage,,')" 2>&1 | sigv4 explain
path-encoding
- canonical URI: /a+b(1).jpg
+ canonical URI: /a%20b%281%29.jpg
$ curl "$(node sign.cjs '/photos/cat%281%29.jpg' '/photos/cat(1).jpg')" 2>&1 | sigv4 explain
path-encoding-case
- canonical URI: /caf%c3%a9.jpg
+ canonical URI: /caf%C3%A9.jpg
$ curl "$(node sign.cjs /photos/caf%C3%A9.jpg /photos/caf%c3%a9.jpg)" 2>&1 | sigv4 explain
path-double-encoding
- canonical URI for S3: /a%2520b.jpg
+ canonical URI for S3: /a%20b.jpg
$ curl "$(node sign.cjs /photos/black%20cat.jpg /photos/black%2520cat.jpg)" 2>&1 | sigv4 explain
path-normalization
- new URL('https://photos.s3.amazonaws.com/a/../b') // /b
+ request with the path /a/../b unchanged, such as curl --path-as-is
$ curl "$(node sign.cjs /photos/2026//cat.jpg /photos/2026/cat.jpg)" 2>&1 | sigv4 explain
path-trailing-slash
- signed /folder/, received /folder
+ signed /folder/, received /folder/
$ curl "$(sigv4 presign get s3://photos/2026/ | sed 's,2026/,2026,')" 2>&1 | sigv4 explain
path-style-mismatch
- signed photos.s3.amazonaws.com/cat.jpg, received s3.amazonaws.com/photos/cat.jpg
+ signed and received photos.s3.amazonaws.com/cat.jpg
$ curl "$(sigv4 presign get s3://photos/cat.jpg --endpoint http://s3.localhost:9000 | sed 's,//\(.*\)/photos,//photos.\1,')" 2>&1 | sigv4 explain
query-extra
- /cat.jpg?X-Amz-Signature=…&utm_source=mail
+ /cat.jpg?X-Amz-Signature=…
$ curl "$URL&utm_source=mail" 2>&1 | sigv4 explain
query-removed
- signed ?response-content-type=image/png&X-Amz-…, received ?X-Amz-…
+ signed and received ?response-content-type=image/png&X-Amz-…
$ curl "$(sigv4 presign get s3://photos/cat.jpg --query x-id=GetObject | sed -E 's/&x-id=GetObject|x-id=GetObject&//')" 2>&1 | sigv4 explain
query-changed
- signed ?versionId=1, received ?versionId=2
+ signed and received ?versionId=1
$ curl "$(printf %s "$URL" | sed 's/Expires=43200/Expires=86400/')" 2>&1 | sigv4 explain
query-order
- q.parser=structured&q=matchall
+ q=matchall&q.parser=structured
$ curl "$(sed 's/\[parameters, query\]/[query, parameters]/' sign.cjs | node - '/photos?list-type=2')" 2>&1 | sigv4 explain
query-duplicate
- ?X-Amz-Expires=900&X-Amz-Expires=900
+ ?X-Amz-Expires=900
$ curl "$URL&X-Amz-Expires=43200" 2>&1 | sigv4 explain
query-plus
- ?prefix=my+photos (from URLSearchParams)
+ ?prefix=my%20photos
$ curl "$(node sign.cjs '/photos?prefix=my+photos' '/photos?prefix=my%2Bphotos')" 2>&1 | sigv4 explain
query-encoding
- canonical query: filter=a,b!
+ canonical query: filter=a%2Cb%21
$ curl "$(node sign.cjs '/photos?prefix=a,b!')" 2>&1 | sigv4 explain
query-empty-value
- canonical query: acl
+ canonical query: acl=
$ curl "$(node sign.cjs '/photos?uploads')" 2>&1 | sigv4 explain
url-html-escaped
- /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=…
+ /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…
$ curl "$(printf %s "$URL" | sed 's/&/\&amp;/g')" 2>&1 | sigv4 explain
url-double-encoded
- X-Amz-Credential=AKID%252F20260131%252Feu-west-1%252Fs3%252Faws4_request
+ X-Amz-Credential=AKID%2F20260131%2Feu-west-1%2Fs3%2Faws4_request
$ curl "$(printf %s "$URL" | sed 's/%/%25/g')" 2>&1 | sigv4 explain
header-missing
- curl -X PUT --data-binary @cat.png "$URL"
+ curl -X PUT -H 'content-type: image/png' --data-binary @cat.png "$URL"
$ curl -X PUT -H 'content-type:' -d x "$(sigv4 presign put s3://photos/x --content-type image/png)" 2>&1 | sigv4 explain
header-changed
- fetch(url, { method: 'PUT', body: file }) // the browser sends file.type, image/jpeg
+ fetch(url, { method: 'PUT', body: file, headers: { 'content-type': 'image/png' } })
$ curl -X PUT -H 'content-type: image/jpeg' -d x "$(sigv4 presign put s3://photos/x --content-type image/png)" 2>&1 | sigv4 explain
header-whitespace
- canonical header: x-amz-meta-title:a  b
+ canonical header: x-amz-meta-title:a b
$ curl -H 'x-amz-meta-title: a  b' "$(node sign.cjs /photos/cat.jpg /photos/cat.jpg 'x-amz-meta-title:a  b')" 2>&1 | sigv4 explain
signed-headers
- SignedHeaders=x-amz-date;host
+ SignedHeaders=host;x-amz-date
$ curl "$(printf %s "$URL" | sed 's/SignedHeaders=host/SignedHeaders=/')" 2>&1 | sigv4 explain
unsigned-header
- curl -H 'x-amz-acl: public-read' "$URL"
+ curl -H 'x-amz-acl: public-read' "$(sigv4 presign put s3://photos/x -H 'x-amz-acl: public-read')"
$ curl -X PUT -H 'x-amz-acl: public-read' -d x "$(sigv4 presign put s3://photos/x)" 2>&1 | sigv4 explain
content-length
- Content-Length: 2048, body of 1024 bytes
+ Content-Length: 1024, body of 1024 bytes
$ curl -X PUT -d hello "$(sigv4 presign put s3://photos/x --content-length 4)" 2>&1 | sigv4 explain
content-md5
- Content-MD5: 5d41402abc4b2a76b9719d911017c592
+ Content-MD5: XUFAKrxLKna5cZ2REBfFkg==
$ MD5='content-md5: XrY7u+Ae7tCTyyK7j1rNww=='
$ sigv4 sign PUT "$OBJECT" --service s3 --data hello -H "$MD5" --curl | sh 2>&1 | sigv4 explain --data hello
checksum
- x-amz-checksum-crc32: AAAAAA== (the CRC-32 of an empty body)
+ x-amz-checksum-crc32: NhCmhg== (the CRC-32 of "hello")
$ CRC='x-amz-checksum-crc32: AAAAAA=='
$ sigv4 sign PUT "$OBJECT" --service s3 --data hello -H "$CRC" --curl | sh 2>&1 | sigv4 explain --data hello
payload-hash
- signed UNSIGNED-PAYLOAD, sent x-amz-content-sha256: e3b0c442…
+ signed and sent UNSIGNED-PAYLOAD
$ HASH=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
$ SIGNED=$(node sign.cjs /photos/cat.jpg /photos/cat.jpg "x-amz-content-sha256:$HASH")
$ curl -H "x-amz-content-sha256: $HASH" "$SIGNED" 2>&1 | sigv4 explain
payload-mismatch
- sign({ body: JSON.stringify(data) }); send(JSON.stringify(data, null, 2))
+ const body = JSON.stringify(data); sign({ body }); send(body)
$ sigv4 sign PUT "$OBJECT" --service s3 --data hello --curl | sed 's/hello/hallo/' | sh 2>&1 | sigv4 explain --data hallo
streaming
- x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD, body: hello
+ x-amz-content-sha256: UNSIGNED-PAYLOAD, body: hello
$ HASH=STREAMING-AWS4-HMAC-SHA256-PAYLOAD
$ sigv4 sign PUT "$OBJECT" --service s3 --data hello --payload-hash $HASH -H 'x-amz-decoded-content-length: 5' --curl |
$   sh 2>&1 | sigv4 explain --data hello
streaming-chunk-signature
- 5;chunk-signature=<computed with the previous chunk's data>
+ 5;chunk-signature=<computed with the previous chunk's signature>
$ printf '5;chunk-signature=%064d\r\nhello\r\n0;chunk-signature=%064d\r\n\r\n' 0 0 > body
$ HASH=STREAMING-AWS4-HMAC-SHA256-PAYLOAD
$ sigv4 sign PUT "$OBJECT" --service s3 --data-file body --payload-hash $HASH -H 'x-amz-decoded-content-length: 5' --curl |
$   sh 2>&1 | sigv4 explain --data-file body
policy-missing
- file, key, policy, x-amz-signature
+ key, policy, x-amz-signature, file
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed /policy=/d | sh 2>&1 | sigv4 explain
policy-malformed
- policy={"expiration":"2026-01-31T12:00:00Z","conditions":[]}
+ policy=eyJleHBpcmF0aW9uIjoiMjAyNi0wMS0zMVQxMjowMDowMFoiLCJjb25kaXRpb25zIjpbXX0=
$ sigv4 post s3://photos/user/ --json | sed 's/"policy": ".*"/"policy": "x"/' | node form.cjs > body
$ curl -H 'content-type: multipart/form-data; boundary=x' --data-binary @body "$BUCKET" 2>&1 | sigv4 explain --data-file body
policy-expired
- const form = await presignPost(target, options) // once, when the server starts
+ const form = await presignPost(target, options) // for each upload
$ sigv4 post s3://photos/user/ --expires 1s --curl --file cat.jpg > form.sh
$ sleep 2; sh form.sh 2>&1 | sigv4 explain
policy-condition
- policy: ["starts-with", "$key", "user/"], form: key=admin/x
+ policy: ["starts-with", "$key", "user/"], form: key=user/x
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed 's,key=user/,key=admin/,' | sh 2>&1 | sigv4 explain
policy-extra-field
- form.append('x-amz-meta-name', 'cat')
+ presignPost(target, { fields: { 'x-amz-meta-name': 'cat' }, … })
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed 's/^curl/curl --form-string acl=private/' | sh 2>&1 | sigv4 explain
policy-too-large
- ["content-length-range", 0, 1000], file of 5000 bytes
+ ["content-length-range", 0, 10000], file of 5000 bytes
$ sigv4 post s3://photos/user/ --max-size 1 --curl --file cat.jpg | sh 2>&1 | sigv4 explain
policy-too-small
- ["content-length-range", 1, 1000], empty file
+ ["content-length-range", 0, 1000], empty file
$ sigv4 post s3://photos/user/ --min-size 10MB --max-size 20MB --curl --file cat.jpg | sh 2>&1 | sigv4 explain
tampered-policy
- form.append('policy', btoa(JSON.stringify(JSON.parse(atob(fields.policy)))))
+ form.append('policy', fields.policy)
$ sigv4 post s3://photos/user/ --json | sed 's/"policy": ".\{76\}/&\\n/' | node form.cjs > body
$ curl -H 'content-type: multipart/form-data; boundary=x' --data-binary @body "$BUCKET" 2>&1 | sigv4 explain --data-file body
missing-field
- form.append('file', file); form.append('x-amz-signature', signature)
+ form.append('x-amz-signature', signature); form.append('file', file)
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed /x-amz-credential=/d | sh 2>&1 | sigv4 explain
token-format
- https://mydb.123456789012.eu-west-1.rds.amazonaws.com:5432/?Action=connect&…
+ mydb.123456789012.eu-west-1.rds.amazonaws.com:5432/?Action=connect&…
$ TOKEN=$(sigv4 token rds mydb.123456789012.eu-west-1.rds.amazonaws.com:5432 --user jane)
$ printf '%s\n' "password: https://$TOKEN" 'PAM authentication failed for user "jane"' | sigv4 explain
not-supported
- if-none-match: "7d793037a0760186574b0282f2f435e7"
+ if-none-match: *
$ ETAG='if-none-match: "7d793037a0760186574b0282f2f435e7"'
$ sigv4 sign PUT "$OBJECT" --service s3 --data hello -H "$ETAG" --curl | sh 2>&1 | sigv4 explain --data hello
cors
- "AllowedOrigins": ["https://app.example/"]
+ "AllowedOrigins": ["https://app.example"]
$ curl -X OPTIONS -H 'Origin: https://app.example' -H 'Access-Control-Request-Method: PUT' "$URL" 2>&1 | sigv4 explain
not-auth
- GET /cta.jpg (404 NoSuchKey)
+ GET /cat.jpg
$ curl "$(sigv4 presign get s3://photos/does-not-exist)" 2>&1 | sigv4 explain
`

/** An example of a cause. */
export interface Example {
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** Commands that reproduce it. */
  readonly reproduce: readonly string[]
}

/** Returns the examples by cause, in the order of the file. */
export function examples(): Map<string, Example> {
  const found = new Map<string, { before: string[]; after: string[]; reproduce: string[] }>()
  let current = { before: [] as string[], after: [] as string[], reproduce: [] as string[] }
  for (const line of EXAMPLES.trim().split('\n')) {
    const mark = /^[-+$] /.exec(line)?.[0]
    if (mark === undefined) {
      current = { before: [], after: [], reproduce: [] }
      found.set(line, current)
    } else current[mark === '- ' ? 'before' : mark === '+ ' ? 'after' : 'reproduce'].push(line.slice(2))
  }
  return found
}
