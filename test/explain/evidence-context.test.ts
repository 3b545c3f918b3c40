import { describe, expect, it } from 'vitest'
import { parseEvidence } from '../../src/explain/evidence/parse.ts'
import { explain } from '../../src/explain.ts'

// What code and prose around an error suggest, where nothing shows the request.

const ERROR =
  'SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.'

/** The hints of a text that is pasted with the error. */
function hints(text: string): readonly string[] {
  return parseEvidence(`${text}\n\n${ERROR}\n`).hints ?? []
}

const SUGGESTED: [text: string, cause: string][] = [
  // names of objects
  ["client.fPutObject('photos', 'holiday (1).jpg', '/tmp/a.jpg', cb)", 'path-encoding'],
  ["s3.putObject({ Bucket: 'photos', Key: 'a+b.txt', Body: body })", 'path-encoding'],
  ["'Key' => 'myfolder/te st%20test.txt',", 'path-encoding'],
  ['obj = client.get_object("docs", "2024/größe.pdf")', 'path-encoding'],
  ['Key: aws.String("x")\nkey := "logs/dt=2024-01-01/part-0.parquet"', 'path-encoding'],
  ['aws s3 cp report.pdf "s3://docs/reports/Q1 & Q2.pdf"', 'path-encoding'],
  ['s3cmd put a.txt s3://docs/a@b.txt', 'path-encoding'],
  ['Files are uploaded when the name has no parentheses.', 'path-encoding'],
  ['It fails for object keys that contain special characters such as ~.', 'path-encoding'],
  ['keyname = debug -+(.txt is not working; special symbols in the path?', 'path-encoding'],
  ['<Error><Code>SignatureDoesNotMatch</Code><Key>a(1).txt</Key></Error>', 'path-encoding'],
  ['The name was "example(test).txt", and failed; "exampletest.txt" was put.', 'path-encoding'],
  ['If you remove the leading `/`, it is stored.', 'path-normalization'],
  ["s3.putObject({ Bucket: 'photos', Key: 'a//b.txt' })", 'path-normalization'],
  ["'Key' => '/some/file.txt',", 'path-normalization'],
  ['The upload fails if the key has a leading slash.', 'path-normalization'],
  ["s3.putObject({ Bucket: 'photos', Key: 'folder/' })", 'path-trailing-slash'],
  ['It works with a trailing slash only.', 'path-trailing-slash'],
  ["resp = s3.list_objects(bucket: 'team-example/15_minute_data')", 'path'],
  ["minio.putObject('photos/2024', 'a.txt', data)", 'path'],
  ['Could it be the slash in the bucket name?', 'path'],
  ['new GeneratePresignedUrlRequest("photos/2024", keyName)', 'path'],
  ['client.get_object().bucket("photos").key("a/(b).txt").send()', 'path-encoding'],
  // values of queries
  ['client.list_objects_v2().bucket("photos").prefix("{foo")', 'query-encoding'],
  ['NextContinuationToken: "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="', 'query-encoding'],
  ["bucket.listObjects({ prefix: 'Project/my files/' })", 'query-plus'],
  ["bucket.listObjects({ prefix: '{foo' })", 'query-encoding'],
  ['Prefixes that contain spaces fail, the others are listed.', 'query-encoding'],
  ['If I remove the query string from the request, it goes through fine.', 'query-encoding'],
  // presigned URLs
  ["s3.getSignedUrl('putObject', params)\naxios.post(signedUrl, file)", 'method'],
  ["const url = await client.presignedGetObject('b', 'k')\ncurl -X PUT $url", 'method'],
  ["s3.getSignedUrl('putObject', params)\nI open the URL in Chrome and see:", 'method'],
  ["s3.getSignedUrl('putObject', params)\n<Error><StringToSign>GET\n\n\n1459295457\n/b/a</StringToSign>", 'method'],
  ["url = s3.generate_presigned_url('put_object', Params=p)\nrequests.get(url)", 'method'],
  [
    "s3.getSignedUrl('putObject', params)\nconst data = new FormData()\nfetch(url, { method: 'PUT', body: data })",
    'header-changed',
  ],
  [
    "const command = new PutObjectCommand({ Bucket, Key, ContentType: 'image/png' })\nconst url = await getSignedUrl(client, command)\nawait fetch(url, { method: 'PUT', body: file })",
    'header-missing',
  ],
  ["s3.getSignedUrl('putObject', { Bucket, Key, ACL: 'public-read' })\ncurl -T a.txt $URL", 'header-missing'],
  [
    "s3.getSignedUrl('putObject', { Key, ContentType: 'image/png' })\nfetch(url, { method: 'PUT', headers: { 'Content-Type': 'image/jpeg' } })",
    'header-changed',
  ],
  [
    "s3.getSignedUrl('putObject', { Bucket, Key })\naxios.put(url, file, { headers: { 'Content-Type': file.type } })",
    'header-changed',
  ],
  // requests
  [
    'new HttpRequest({ path, query: { q: "a" } })\nfetch(`https://' +
      '$' +
      '{signed.hostname}$' +
      '{signed.path}`, init)',
    'query-removed',
  ],
  ['body: JSON.stringify(request.body || {})', 'payload-mismatch'],
  ['signer signs: {"a":{"b":1}}\nRequest payload: {"a":{}}', 'payload-mismatch'],
  ["body = JSON.stringify({ title: 'größer' })\nheaders['Content-Length'] = body.length", 'content-length'],
  // secrets
  ['docker run --env-file .env app\n\nAWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI"', 'secret-encoding'],
  ['aws_secret_access_key = wJalr%2FUtnFEMI%2Babc', 'secret-encoding'],
  ['      MINIO_ROOT_PASSWORD: "abc$def123"', 'secret-encoding'],
  ['export AWS_SECRET_ACCESS_KEY="wJalr$UtnFEMI"', 'secret-encoding'],
  [
    'docker run --env-file .env app\n\nAWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
    'secret-encoding',
  ],
  ['kind: Secret\ndata:\n  rootPassword: bWluaW9zZWNyZXRrZXkK', 'secret-whitespace'],
  ['My secret key contains a slash.', 'secret-encoding'],
  ['There was a trailing newline? The secret has a trailing newline in Vault.', 'secret-whitespace'],
  ['keys.sh: ASCII text, with CRLF line terminators', 'secret-whitespace'],
  ['I generated a new access key and it works.', 'wrong-secret'],
  // clocks
  ['It starts after the VM was suspended.', 'clock-past'],
  ['Is it the time drift of Docker for Mac?', 'clock-past'],
  ['System clock synchronized: no', 'clock-past'],
  ['Inside WSL the clock is 3 minutes behind.', 'clock-past'],
  // where it works
  ['It works with curl and Postman but not in the browser.', 'header-changed'],
  ['The browser fails with 403, while the same URL works in Postman.', 'header-changed'],
  ['It works directly on port 9000, but not behind nginx.', 'host'],
  ['  minio:\n    image: minio/minio:latest\n    ports:\n      - "9898:9000"', 'host'],
  [
    "new Minio.Client({ endPoint: 'minio', port: 9000, useSSL: false })\nconst url = await client.presignedGetObject('b', 'a')\nThe browser says:",
    'host',
  ],
  ['We have MINIO_ENDPOINT=minio:9000, and the presigned URL cannot be opened outside the container.', 'host'],
  ["url.replace('http://minio:9000', 'https://files.example')", 'host'],
]

describe('code and prose with an error suggest', () => {
  it.each(SUGGESTED)('%s → %s', (text, cause) => {
    expect(hints(text)).toContain(cause)
  })
})

const SILENT: [name: string, text: string][] = [
  ['plain names', "s3.putObject({ Bucket: 'photos', Key: 'a/b.txt', ContentType: 'text/plain' })"],
  ['placeholders of a template', 'const params = { Bucket: bucket, Key: `uploads/$' + '{id}/$' + '{name}.jpg` }'],
  ['placeholders in angle brackets', "Bucket: '<my bucket>', Key: '<the key>'"],
  ['a media type', "minio.putObject('photos', 'a.txt', data, 'text/plain; charset=utf-8')"],
  ['an ARN', "Bucket: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/example'"],
  ['a secret', "secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'"],
  ['the method that was presigned', "s3.getSignedUrl('putObject', params)\naxios.put(signedUrl, file)"],
  ['both methods', "s3.getSignedUrl('putObject', p)\ns3.getSignedUrl('getObject', p)\naxios.get(url)"],
  ['a length in octets', "headers['Content-Length'] = Buffer.byteLength('größer')"],
  ['a variable in the place of a secret', 'export AWS_SECRET_ACCESS_KEY="$SECRET"'],
  ['an escaped dollar sign', '      MINIO_ROOT_PASSWORD: "abc$$def123"'],
  ['a quoted secret in a shell', 'export AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI"'],
  ['a new key that does not help', 'I generated a new access key, and it still fails.'],
  ['the same port inside and outside', '    image: minio/minio:latest\n    ports:\n      - "9000:9000"'],
  ['an import', "import a from './a+b.json'"],
  ['spaces that are denied', 'I checked the key and the bucket, and there are no spaces in the credentials.'],
  ['signing words', 'I have no idea what is wrong with this file.'],
]

it.each(SILENT)('%s suggest nothing', (_, text) => {
  expect(hints(text)).toEqual([])
})

it('nothing is suggested for another error', () => {
  const text = "s3.putObject({ Bucket: 'photos', Key: 'a (1).txt' })\n\nAccessDenied: Access Denied\n"
  expect(parseEvidence(text).hints).toBeUndefined()
})

it('a name is not suspected if the path of the request has nothing to encode', () => {
  const request = 'GET https://photos.s3.amazonaws.com/plain.txt'
  expect(hints(`${request}\n\nputObject('photos', 'a (1).txt', data)`)).not.toContain('path-encoding')
})

it('what is suggested comes before what is common, and is shown with its line', () => {
  const text = `client.putObject('photos', 'holiday (1).jpg', stream)\n\n${ERROR}\n`
  const { items, ...input } = parseEvidence(text)
  expect(items).toContainEqual({
    kind: 'configuration',
    lines: [1, 1],
    description: 'Name of an object with a character that clients encode differently',
  })
  expect(explain(input).findings[0]?.cause).toBe('path-encoding')
})

it('reads a long text of names in linear time', () => {
  const text = `${"putObject('b', 'a ((((((', \"key: 'x".repeat(20_000)}\n${ERROR}`
  const start = performance.now()
  parseEvidence(text)
  expect(performance.now() - start).toBeLessThan(2000)
})
