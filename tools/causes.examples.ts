// Examples of docs/causes.md, for each cause: lines before (-) and after (+) the fix, and commands that reproduce it ($).

const EXAMPLES = String.raw`
wrong-secret
- AWS_ACCESS_KEY_ID=AKIAPRODUCTION AWS_SECRET_ACCESS_KEY=<secret of the staging key>
+ AWS_ACCESS_KEY_ID=AKIAPRODUCTION AWS_SECRET_ACCESS_KEY=<secret of AKIAPRODUCTION>
$ AWS_SECRET_ACCESS_KEY=wrong aws s3 ls s3://photos
unknown-access-key
- X-Amz-Credential=AKIADELETEDKEY/20260131/eu-west-1/s3/aws4_request
+ X-Amz-Credential=AKIACURRENTKEY/20260131/eu-west-1/s3/aws4_request
$ AWS_ACCESS_KEY_ID=AKIADOESNOTEXIST aws s3 ls s3://photos
keys-swapped
- credentials: { accessKeyId: env.AWS_SECRET_ACCESS_KEY, secretAccessKey: env.AWS_ACCESS_KEY_ID }
+ credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY }
$ AWS_ACCESS_KEY_ID=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY AWS_SECRET_ACCESS_KEY=AKIAIOSFODNN7EXAMPLE aws s3 ls s3://photos
secret-whitespace
- const secretAccessKey = readFileSync('secret', 'utf8')
+ const secretAccessKey = readFileSync('secret', 'utf8').trim()
$ AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY " aws s3 ls s3://photos
secret-encoding
- const secretAccessKey = encodeURIComponent(secret)
+ const secretAccessKey = secret
$ AWS_SECRET_ACCESS_KEY=$(printf %s "$AWS_SECRET_ACCESS_KEY" | base64) aws s3 ls s3://photos
key-derivation
- const signingKey = cachedKey // derived yesterday
+ const signingKey = derive(secret, '20260131', 'eu-west-1', 's3', 'aws4_request')
$ node -e "const h = (k, d) => require('crypto').createHmac('sha256', k).update(d).digest()
$ console.log(h(h(h(h('AWS4' + process.env.AWS_SECRET_ACCESS_KEY, 'eu-west-1'), '20260131'), 's3'), 'aws4_request'))"
session-token
- credentials: { accessKeyId, secretAccessKey }
+ credentials: { accessKeyId, secretAccessKey, sessionToken }
$ env -u AWS_SESSION_TOKEN aws s3 ls s3://photos # with temporary credentials
expired
- GET /cat.jpg?X-Amz-Date=20260131T120000Z&X-Amz-Expires=900… at 12:20
+ GET /cat.jpg?X-Amz-Date=20260131T120000Z&X-Amz-Expires=3600… at 12:20
$ URL=$(sigv4 presign get s3://photos/cat.jpg --expires 1s); sleep 2; curl "$URL"
expires-range
- X-Amz-Expires=900000
+ X-Amz-Expires=900
$ curl "$(printf %s "$URL" | sed 's/Expires=[0-9]*/Expires=900000/')"
expires-format
- X-Amz-Expires=15m
+ X-Amz-Expires=900
$ curl "$(printf %s "$URL" | sed 's/Expires=[0-9]*/Expires=15m/')"
clock-past
- x-amz-date: 20260131T110000Z (the time is 12:00 UTC)
+ x-amz-date: 20260131T120000Z
$ sigv4 sign GET https://photos.s3.eu-west-1.amazonaws.com/cat.jpg --signing-date 2026-01-31T11:00:00Z --curl | sh
clock-future
- x-amz-date: 20260131T130000Z (the time is 12:00 UTC)
+ x-amz-date: 20260131T120000Z
$ sigv4 sign GET https://photos.s3.eu-west-1.amazonaws.com/cat.jpg --signing-date 2099-01-01T00:00:00Z --curl | sh
clock-timezone
- const hour = String(date.getHours()).padStart(2, '0')
+ const hour = String(date.getUTCHours()).padStart(2, '0')
$ aws s3api list-buckets --debug 2>&1 | grep -i x-amz-date # compare it with date -u
date-format
- x-amz-date: 2026-01-31T12:00:00Z
+ x-amz-date: 20260131T120000Z
$ curl "$(printf %s "$URL" | sed 's/Date=[0-9TZ]*/Date=2026-01-31T12:00:00Z/')"
date-mismatch
- headers['x-amz-date'] = amzDate(new Date()); stringToSign(amzDate(new Date()))
+ const date = amzDate(new Date()); headers['x-amz-date'] = date; stringToSign(date)
$ curl "$(printf %s "$URL" | sed -E 's/(Date=[0-9]{8}T[0-9]{5})[0-9]Z/\10Z/')"
scope-date
- X-Amz-Date=20260201T000100Z&X-Amz-Credential=AKID/20260131/eu-west-1/s3/aws4_request
+ X-Amz-Date=20260201T000100Z&X-Amz-Credential=AKID/20260201/eu-west-1/s3/aws4_request
$ curl "$(printf %s "$URL" | sed -E 's/%2F[0-9]{8}%2F/%2F20200101%2F/')"
scope-region
- Credential=AKID/20260131/us-east-1/s3/aws4_request (the bucket is in eu-west-1)
+ Credential=AKID/20260131/eu-west-1/s3/aws4_request
$ sigv4 sign GET https://photos.s3.eu-west-1.amazonaws.com/ --region us-east-2 --curl | sh
scope-service
- Credential=AKID/20260131/eu-west-1/apigateway/aws4_request
+ Credential=AKID/20260131/eu-west-1/execute-api/aws4_request
$ sigv4 sign GET https://photos.s3.eu-west-1.amazonaws.com/ --service storage --region eu-west-1 --curl | sh
scope-terminator
- Credential=AKID/20260131/eu-west-1/s3/aws4
+ Credential=AKID/20260131/eu-west-1/s3/aws4_request
$ curl "$(printf %s "$URL" | sed 's/aws4_request/aws4/')"
algorithm
- X-Amz-Algorithm=AWS4-HMAC-SHA1
+ X-Amz-Algorithm=AWS4-HMAC-SHA256
$ curl "$(printf %s "$URL" | sed 's/HMAC-SHA256/HMAC-SHA1/')"
signature-v2
- /cat.jpg?AWSAccessKeyId=AKID&Expires=1769860800&Signature=…
+ /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID/…&X-Amz-Signature=…
$ aws configure set default.s3.signature_version s3; aws s3 presign s3://photos/cat.jpg
anonymous
- GET /cat.jpg HTTP/1.1
+ GET /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&…&X-Amz-Signature=… HTTP/1.1
$ curl https://photos.s3.eu-west-1.amazonaws.com/cat.jpg
two-auths
- fetch(presignedUrl, { headers: { Authorization: 'Bearer …' } })
+ fetch(presignedUrl)
$ curl -H 'Authorization: Bearer x' "$URL"
malformed-authorization
- Authorization: AWS4-HMAC-SHA256 Credential=AKID/…; SignedHeaders=host; Signature=…
+ Authorization: AWS4-HMAC-SHA256 Credential=AKID/…, SignedHeaders=host, Signature=…
$ curl -H 'Authorization: AWS4-HMAC-SHA256 Credential=x' https://photos.s3.eu-west-1.amazonaws.com/
malformed-credential
- X-Amz-Credential=AKID/eu-west-1/s3/aws4_request
+ X-Amz-Credential=AKID/20260131/eu-west-1/s3/aws4_request
$ curl "$(printf %s "$URL" | sed -E 's/%2F[0-9]{8}//')"
malformed-signature
- X-Amz-Signature=Zk3lC0m1bq9XQmFzZTY0
+ X-Amz-Signature=24d2d9a3d68a2b1d3f0e… (64 characters)
$ curl "$(printf %s "$URL" | sed -E 's/Signature=.{32}/Signature=/')"
tampered-signature
- X-Amz-Signature=O4d2d9… (letter O)
+ X-Amz-Signature=04d2d9… (zero)
$ curl "$(printf %s "$URL" | sed -E 's/Signature=.{4}/Signature=0000/')"
signature-case
- X-Amz-Signature=24D2D9A3…
+ X-Amz-Signature=24d2d9a3…
$ curl "$(printf %s "$URL" | sed -E 's/(Signature=)([0-9a-f]*)/\1\U\2/')"
missing-param
- curl https://photos.s3.amazonaws.com/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…
+ curl 'https://photos.s3.amazonaws.com/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…'
$ curl "$(printf %s "$URL" | sed 's/&.*//')"
missing-header
- GET /cat.jpg, authorization: AWS4-HMAC-SHA256 …
+ GET /cat.jpg, authorization: AWS4-HMAC-SHA256 …, x-amz-date: 20260131T120000Z, x-amz-content-sha256: UNSIGNED-PAYLOAD
$ sigv4 sign GET https://photos.s3.eu-west-1.amazonaws.com/ --curl | sed 's/x-amz-content-sha256/x-other/' | sh
param-case
- ?x-amz-algorithm=AWS4-HMAC-SHA256&x-amz-credential=…
+ ?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…
$ curl "$(printf %s "$URL" | sed 's/X-Amz-/x-amz-/g')"
method
- fetch(urlPresignedForGet, { method: 'HEAD' })
+ fetch(urlPresignedForHead, { method: 'HEAD' })
$ curl -I "$(sigv4 presign get s3://photos/cat.jpg)"
host
- signed host: photos.s3.amazonaws.com, sent Host: cdn.example.com
+ signed host: photos.s3.amazonaws.com, sent Host: photos.s3.amazonaws.com
$ curl -H 'Host: cdn.example.com' "$URL"
host-port
- signed host: localhost, sent Host: localhost:9000
+ signed host: localhost:9000, sent Host: localhost:9000
$ curl -H 'Host: localhost' "$(sigv4 presign get s3://photos/cat.jpg --endpoint http://localhost:9000)"
path
- signed /storage/cat.jpg, received /cat.jpg
+ signed /cat.jpg, received /cat.jpg
$ curl "$(printf %s "$URL" | sed 's/cat.jpg/dog.jpg/')"
path-encoding
- canonical URI: /a+b(1).jpg
+ canonical URI: /a%20b%281%29.jpg
$ sigv4 presign get 's3://photos/a+b.jpg' # %2B, but encodeURI('/a+b.jpg') leaves the + unescaped
path-encoding-case
- canonical URI: /caf%c3%a9.jpg
+ canonical URI: /caf%C3%A9.jpg
$ sigv4 presign get s3://photos/café.jpg # %C3%A9: sign %c3%a9 instead
path-double-encoding
- canonical URI for S3: /a%2520b.jpg
+ canonical URI for S3: /a%20b.jpg
$ sigv4 presign get 's3://photos/a%20b.jpg' # the key contains %20 literally
path-normalization
- new URL('https://photos.s3.amazonaws.com/a/../b') // /b
+ request with the path /a/../b unchanged, such as curl --path-as-is
$ curl "$(sigv4 presign get s3://photos/a/../b)" # without --path-as-is
path-trailing-slash
- signed /folder/, received /folder
+ signed /folder/, received /folder/
$ curl "$(sigv4 presign get s3://photos/folder/ | sed 's,folder/,folder,')"
path-style-mismatch
- signed photos.s3.amazonaws.com/cat.jpg, received s3.amazonaws.com/photos/cat.jpg
+ signed and received photos.s3.amazonaws.com/cat.jpg
$ curl "$(sigv4 presign get s3://photos/cat.jpg | sed 's,//photos.\(s3[^/]*\),//\1/photos,')"
query-extra
- /cat.jpg?X-Amz-Signature=…&utm_source=mail
+ /cat.jpg?X-Amz-Signature=…
$ curl "$URL&utm_source=mail"
query-removed
- signed ?response-content-type=image/png&X-Amz-…, received ?X-Amz-…
+ signed and received ?response-content-type=image/png&X-Amz-…
$ curl "$(sigv4 presign get s3://photos/cat.jpg --query a=1 | sed 's/a=1&//')"
query-changed
- signed ?versionId=1, received ?versionId=2
+ signed and received ?versionId=1
$ curl "$(sigv4 presign get s3://photos/cat.jpg --query a=1 | sed 's/a=1/a=2/')"
query-order
- q.parser=structured&q=matchall
+ q=matchall&q.parser=structured
$ node -e "console.log(['q=matchall', 'q.parser=structured'].sort())"
query-duplicate
- ?X-Amz-Expires=900&X-Amz-Expires=900
+ ?X-Amz-Expires=900
$ curl "$URL&X-Amz-Expires=900"
query-plus
- ?prefix=my+photos (from URLSearchParams)
+ ?prefix=my%20photos
$ node -e "console.log(String(new URLSearchParams({ prefix: 'my photos' })))"
query-encoding
- canonical query: filter=a,b!
+ canonical query: filter=a%2Cb%21
$ node -e "console.log(encodeURIComponent('a,b!'))" # leaves ! unescaped
query-empty-value
- canonical query: acl
+ canonical query: acl=
$ sigv4 sign GET 'https://photos.s3.eu-west-1.amazonaws.com/?acl' --curl
url-html-escaped
- /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=…
+ /cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…
$ curl "$(printf %s "$URL" | sed 's/&/\&amp;/g')"
url-double-encoded
- X-Amz-Credential=AKID%252F20260131%252Feu-west-1%252Fs3%252Faws4_request
+ X-Amz-Credential=AKID%2F20260131%2Feu-west-1%2Fs3%2Faws4_request
$ curl "$(printf %s "$URL" | sed 's/%/%25/g')"
header-missing
- curl -X PUT --data-binary @cat.png "$URL"
+ curl -X PUT -H 'content-type: image/png' --data-binary @cat.png "$URL"
$ curl -X PUT -H 'content-type:' -d x "$(sigv4 presign put s3://photos/x --content-type image/png)"
header-changed
- fetch(url, { method: 'PUT', body: file }) // the browser sends file.type, image/jpeg
+ fetch(url, { method: 'PUT', body: file, headers: { 'content-type': 'image/png' } })
$ curl -X PUT -H 'content-type: image/jpeg' -d x "$(sigv4 presign put s3://photos/x --content-type image/png)"
header-whitespace
- canonical header: x-amz-meta-title:a  b
+ canonical header: x-amz-meta-title:a b
$ aws s3api put-object --bucket photos --key x --metadata 'title=a  b'
signed-headers
- SignedHeaders=x-amz-date;host
+ SignedHeaders=host;x-amz-date
$ curl "$(printf %s "$URL" | sed 's/SignedHeaders=host/SignedHeaders=/')"
unsigned-header
- curl -H 'x-amz-acl: public-read' "$URL"
+ curl -H 'x-amz-acl: public-read' "$(sigv4 presign put s3://photos/x -H 'x-amz-acl: public-read')"
$ curl -X PUT -H 'x-amz-acl: public-read' -d x "$(sigv4 presign put s3://photos/x)"
content-length
- Content-Length: 2048, body of 1024 bytes
+ Content-Length: 1024, body of 1024 bytes
$ curl -X PUT -d hello "$(sigv4 presign put s3://photos/x --content-length 4)"
content-md5
- Content-MD5: 5d41402abc4b2a76b9719d911017c592
+ Content-MD5: XUFAKrxLKna5cZ2REBfFkg==
$ aws s3api put-object --bucket photos --key x --body cat.jpg --content-md5 XUFAKrxLKna5cZ2REBfFkg==
checksum
- x-amz-checksum-crc32: AAAAAA== (the CRC-32 of an empty body)
+ x-amz-checksum-crc32: NhCmhg== (the CRC-32 of "hello")
$ aws s3api put-object --bucket photos --key x --body cat.jpg --checksum-crc32 AAAAAA==
payload-hash
- signed UNSIGNED-PAYLOAD, sent x-amz-content-sha256: e3b0c442…
+ signed and sent UNSIGNED-PAYLOAD
$ sigv4 sign PUT https://photos.s3.eu-west-1.amazonaws.com/x --data hi --curl | sed 's/x-amz-content-sha256: [0-9a-f]*/x-amz-content-sha256: UNSIGNED-PAYLOAD/' | sh
payload-mismatch
- sign({ body: JSON.stringify(data) }); send(JSON.stringify(data, null, 2))
+ const body = JSON.stringify(data); sign({ body }); send(body)
$ sigv4 sign PUT https://photos.s3.eu-west-1.amazonaws.com/x --data hello --curl | sed 's/hello/hallo/' | sh
streaming
- x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD, body: hello
+ x-amz-content-sha256: UNSIGNED-PAYLOAD, body: hello
$ aws s3 cp cat.jpg s3://photos/ --endpoint-url http://localhost:9000 # a server without trailing checksums
streaming-chunk-signature
- 5;chunk-signature=<computed with the previous chunk's data>
+ 5;chunk-signature=<computed with the previous chunk's signature>
$ printf '5;chunk-signature=%064d\r\nhello\r\n0;chunk-signature=%064d\r\n\r\n' 0 0 > body
policy-missing
- file, key, policy, x-amz-signature
+ key, policy, x-amz-signature, file
$ curl -F key=x -F file=@cat.jpg https://photos.s3.eu-west-1.amazonaws.com/
policy-malformed
- policy={"expiration":"2026-01-31T12:00:00Z","conditions":[]}
+ policy=eyJleHBpcmF0aW9uIjoiMjAyNi0wMS0zMVQxMjowMDowMFoiLCJjb25kaXRpb25zIjpbXX0=
$ curl -F policy=x -F x-amz-signature=x -F file=@cat.jpg https://photos.s3.eu-west-1.amazonaws.com/
policy-expired
- const form = await presignPost(target, options) // once, when the server starts
+ const form = await presignPost(target, options) // for each upload
$ sigv4 post s3://photos/user/ --expires 1s --curl --file cat.jpg > form.sh; sleep 2; sh form.sh
policy-condition
- policy: ["starts-with", "$key", "user/"], form: key=admin/x
+ policy: ["starts-with", "$key", "user/"], form: key=user/x
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed 's,key=user/,key=admin/,' | sh
policy-extra-field
- form.append('x-amz-meta-name', 'cat')
+ presignPost(target, { fields: { 'x-amz-meta-name': 'cat' }, … })
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed 's/ -F/ -F acl=private -F/' | sh
policy-too-large
- ["content-length-range", 0, 1000], file of 5000 bytes
+ ["content-length-range", 0, 10000], file of 5000 bytes
$ sigv4 post s3://photos/user/ --max-size 1 --curl --file cat.jpg | sh
policy-too-small
- ["content-length-range", 1, 1000], empty file
+ ["content-length-range", 0, 1000], empty file
$ sigv4 post s3://photos/user/ --min-size 10MB --max-size 20MB --curl --file cat.jpg | sh
tampered-policy
- form.append('policy', btoa(JSON.stringify(JSON.parse(atob(fields.policy)))))
+ form.append('policy', fields.policy)
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed 's/policy=e/policy=f/' | sh
missing-field
- form.append('file', file); form.append('x-amz-signature', signature)
+ form.append('x-amz-signature', signature); form.append('file', file)
$ sigv4 post s3://photos/user/ --curl --file cat.jpg | sed 's/x-amz-credential/other/' | sh
not-auth
- GET /cta.jpg (404 NoSuchKey)
+ GET /cat.jpg
$ curl "$(sigv4 presign get s3://photos/does-not-exist)"
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
