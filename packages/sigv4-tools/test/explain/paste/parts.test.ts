import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { explain, parseEvidence } from '../../../src/explain.ts'

// One request in the forms in which programs of most languages print it: its parts are joined by what they are.

const credentials = { accessKeyId: 'AKIDEXAMPLEEXAMPLE12', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const sha = (s: string): string => createHash('sha256').update(s).digest('hex')
const h = (k: string | Buffer, s: string): Buffer => createHmac('sha256', k).update(s).digest()
const date = '20260311T101112Z',
  day = date.slice(0, 8),
  scope = `${day}/us-east-1/s3/aws4_request`
const path = '/photos/a%20b.txt',
  wrong = '/photos/a%2520b.txt',
  host = '127.0.0.1:9000'
const hash = sha('hello')
const H: Record<string, string> = { host, 'x-amz-content-sha256': hash, 'x-amz-date': date }
const names = Object.keys(H).sort().join(';')
const cr = [
  'PUT',
  wrong,
  '',
  ...Object.keys(H)
    .sort()
    .map((n) => `${n}:${H[n]}`),
  '',
  names,
  hash,
].join('\n')
const sts = ['AWS4-HMAC-SHA256', date, scope, sha(cr)].join('\n')
const key = h(h(h(h(`AWS4${credentials.secretAccessKey}`, day), 'us-east-1'), 's3'), 'aws4_request')
const auth = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${createHmac('sha256', key).update(sts).digest('hex')}`
const url = `http://${host}${path}`
const error = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><Key>a b.txt</Key><BucketName>photos</BucketName><Resource>/photos/a b.txt</Resource></Error>`
const S: [string, string][] = [
  ['Host', host],
  ['X-Amz-Content-Sha256', hash],
  ['X-Amz-Date', date],
  ['Authorization', auth],
]
const N = S.slice(1)
const py = (l: [string, string][]) => `{${l.map(([n, v]) => `'${n}': '${v}'`).join(', ')}}`
const forms: Record<string, string> = {
  'method url labels, dict': `Method: PUT\nURL: ${url}\nHeaders: ${py(S)}\n\n403\n${error}`,
  'label, blank, dict': `PUT ${url}\n\nRequest headers:\n\n${py(N)}\n\nResponse: 403\n${error}`,
  'headers= dict': `url=${url}\nmethod=PUT\nheaders=${py(S)}\nstatus: 403\n${error}`,
  'prepared request': `<PreparedRequest [PUT]>\n${url}\nCaseInsensitiveDict(${py(N)})\n403 ${error}`,
  'request.method request.url': `request.method: PUT\nrequest.url: ${url}\nrequest.headers: ${py(N)}\nresponse.status_code: 403\nresponse.text: ${error}`,
  'php arrow': `PUT ${url}\nHeaders sent:\n${N.map(([n, v]) => `${n} => ${v}`).join('\n')}\nHTTP code: 403\n${error}`,
  print_r: `URL: ${url}\nMethod: PUT\nArray\n(\n${N.map(([n, v]) => `    [${n}] => ${v}`).join('\n')}\n)\n403\n${error}`,
  'print_r list': `PUT ${url}\nArray\n(\n${N.map(([n, v], i) => `    [${i}] => ${n}: ${v}`).join('\n')}\n)\n${error}`,
  'ruby inspect': `request: PUT ${url}\nheaders: {${N.map(([n, v]) => `"${n}"=>"${v}"`).join(', ')}}\n=> 403\n${error}`,
  'ruby pp': `uri: #<URI::HTTP ${url}>\nmethod: PUT\n{${N.map(([n, v]) => `"${n}" => "${v}"`).join(',\n ')}}\n403\n${error}`,
  'ruby net http': `#<Net::HTTP::Put PUT>\nuri = ${url}\n{${N.map(([n, v]) => `"${n.toLowerCase()}"=>["${v}"]`).join(', ')}}\n403 ${error}`,
  'go %+v': `2026/03/11 10:11:12 method=PUT url=${url}\n2026/03/11 10:11:12 headers: map[${N.map(([n, v]) => `${n}:[${v}]`).join(' ')}]\n2026/03/11 10:11:12 status: 403 Forbidden\n2026/03/11 10:11:12 body: ${error}`,
  'go two prints': `PUT ${url}\nheader map[Authorization:[${auth}] X-Amz-Content-Sha256:[${hash}] X-Amz-Date:[${date}]]\n403 Forbidden\n${error}`,
  'rust debug': `PUT ${url}\nheaders: {"authorization": "${auth}", "x-amz-content-sha256": "${hash}", "x-amz-date": "${date}"}\nstatus: 403\n${error}`,
  'rust debug pretty': `[src/main.rs:88] &req = Request {\n    method: PUT,\n    url: Url {\n        scheme: "http",\n        cannot_be_a_base: false,\n        username: "",\n        password: None,\n        host: Some(\n            Ipv4(\n                127.0.0.1,\n            ),\n        ),\n        port: Some(\n            9000,\n        ),\n        path: "${path}",\n        query: None,\n        fragment: None,\n    },\n    headers: {\n        "x-amz-date": "${date}",\n        "x-amz-content-sha256": "${hash}",\n        "authorization": "${auth}",\n    },\n}\nstatus = 403\n${error}`,
  'rust tuples': `PUT ${url}\n[("x-amz-date", "${date}"), ("x-amz-content-sha256", "${hash}"), ("authorization", "${auth}")]\n403\n${error}`,
  'java map': `Request: PUT ${url}\nHeaders: {Authorization=[${auth}], X-Amz-Content-Sha256=[${hash}], X-Amz-Date=[${date}]}\nStatus: 403\n${error}`,
  'java httprequest': `${url} PUT\njava.net.http.HttpHeaders@8c3b9d { {Authorization=[${auth}], X-Amz-Content-Sha256=[${hash}], X-Amz-Date=[${date}]} }\n403\n${error}`,
  'json dump': `${JSON.stringify({ method: 'PUT', url, headers: Object.fromEntries(N) }, null, 2)}\n403\n${error}`,
  'json headers label': `Method: PUT\nUrl: ${url}\nHeaders:\n${JSON.stringify(Object.fromEntries(N), null, 2)}\nStatus: 403\n${error}`,
  powershell: `Method : PUT\nUri    : ${url}\n\nName                           Value\n----                           -----\n${N.map(([n, v]) => n.padEnd(31) + v).join('\n')}\n\n${error}`,
  'log prefixes': `2026-03-11 10:11:12,123 DEBUG uploader: Request: PUT ${url}\n2026-03-11 10:11:12,124 DEBUG uploader: Request headers: ${py(N)}\n2026-03-11 10:11:12,190 ERROR uploader: 403 ${error.replace('\n', '')}`,
  'bash vars': `+ url=${url}\n+ date=${date}\n+ payload_hash=${hash}\n+ curl -s -X PUT ${url} -H 'x-amz-date: ${date}' -H 'x-amz-content-sha256: ${hash}' -H 'Authorization: ${auth}' --data-binary @a.txt\n${error}`,
  prose: `I do a PUT to ${url} with these headers\n\nAuthorization: ${auth}\nx-amz-date: ${date}\nx-amz-content-sha256: ${hash}\n\nand get\n\n${error}`,
  'ini style': `method = PUT\nuri = ${path}\nhost = ${host}\nx-amz-date = ${date}\nx-amz-content-sha256 = ${hash}\nAuthorization = ${auth}\n\n${error}`,
  'only path label': `Request: PUT ${path}\nHost: ${host}\n\nAuthorization: ${auth}\nX-Amz-Date: ${date}\nX-Amz-Content-Sha256: ${hash}\n\nResponse 403\n${error}`,
  'node inspect': `PUT ${url} {\n  headers: {\n    'x-amz-date': '${date}',\n    'x-amz-content-sha256': '${hash}',\n    authorization: '${auth}'\n  }\n}\nstatus 403\n${error}`,
  httpx: `<Request('PUT', '${url}')>\nHeaders({'host': '${host}', 'x-amz-date': '${date}', 'x-amz-content-sha256': '${hash}', 'authorization': '${auth}'})\n<Response [403 Forbidden]>\n${error}`,
  'kv comma': `-> PUT ${url}\n   x-amz-date=${date}\n   x-amz-content-sha256=${hash}\n   authorization=${auth}\n<- 403\n${error}`,
  csharp: `Method: PUT, RequestUri: '${url}', Version: 1.1, Content: System.Net.Http.ByteArrayContent, Headers:\n{\n  X-Amz-Date: ${date}\n  X-Amz-Content-Sha256: ${hash}\n  Authorization: ${auth}\n}\nStatusCode: 403\n${error}`,
  'printed strings json': `${JSON.stringify({ canonicalRequest: cr, stringToSign: sts, authorization: auth })}\n${error}`,
  'spring log': `DEBUG o.s.w.c.RestTemplate - HTTP PUT ${url}\nDEBUG o.s.w.c.RestTemplate - Request headers [Host:"${host}", X-Amz-Date:"${date}", X-Amz-Content-Sha256:"${hash}", Authorization:"${auth}"]\nDEBUG - Response 403 FORBIDDEN\n${error}`,
}

// without a URL, the canonical request plays the request, and agrees with itself
const OPEN = ['printed strings json']

describe('a request whose parts are printed apart', () => {
  it.each(Object.entries(forms).filter(([name]) => !OPEN.includes(name)))('is proven in the form %s', (_, text) => {
    const { findings } = explain({ ...parseEvidence(text), credentials })
    expect(findings[0]).toMatchObject({ cause: 'path-double-encoding', confidence: 'proven' })
  })
})

const presigned = `https://photos.s3.eu-west-1.amazonaws.com/cat.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLEEXAMPLE12%2F20260311%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260311T101112Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=${'ab'.repeat(32)}`
const rejected = `<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>`
const cases: Record<string, [string, string]> = {
  axios: [
    'header-changed',
    `const command = new PutObjectCommand({ Bucket: 'photos', Key: 'cat.png', ContentType: file.type })\nconst presigned = await getSignedUrl(s3, command)\n\nthen in the page\n\nconst formData = new FormData()\nformData.append('file', file)\nawait axios.put(url, formData, { headers: { 'Content-Type': 'multipart/form-data' } })\n\nThe url is\n${presigned}\n\n${rejected}`,
  ],
  axiosNoUrl: [
    'header-changed',
    `const command = new PutObjectCommand({ Bucket: 'photos', Key: 'cat.png', ContentType: file.type })\nconst presigned = await getSignedUrl(s3, command)\n\nconst formData = new FormData()\nformData.append('file', file)\nawait axios.put(url, formData, { headers: { 'Content-Type': 'multipart/form-data' } })\n\n${rejected}`,
  ],
  fetch: [
    'method',
    `fetch(url, { method: "POST", body: file })\n\n${presigned.replace('content-type%3Bhost', 'host').replace('?', '?x-id=PutObject&')}\n${rejected}`,
  ],
  fetchFile: [
    'header-changed',
    `const res = await fetch(presignedUrl, {\n  method: 'PUT',\n  headers: {\n    'Content-Type': 'application/octet-stream',\n  },\n  body: file,\n})\n${presigned}\n403\n${rejected}`,
  ],
  requests: [
    'header-changed',
    `r = requests.put(url, data=open('cat.png','rb'), headers={'Content-Type': 'image/jpeg'})\nprint(url)\n${presigned}\n${rejected}`,
  ],
  xhr: [
    'header-changed',
    `xhr.open('PUT', url)\nxhr.setRequestHeader('Content-Type', 'application/json')\nxhr.send(file)\nurl: ${presigned}\n${rejected}`,
  ],
  go: [
    'header-changed',
    `req, _ := http.NewRequest("PUT", url, f)\nreq.Header.Set("Content-Type", "text/plain")\n// url = ${presigned}\n${rejected}`,
  ],
}

describe('code that sends a request to a presigned URL', () => {
  it.each(Object.entries(cases))('shows the method and the headers: %s', (_, [cause, text]) => {
    const [first] = explain(parseEvidence(text)).findings
    expect(first?.cause).toBe(cause)
    if (cause === 'header-changed') expect(first?.part).toEqual({ of: 'header', name: 'content-type' })
  })
})

describe('a form in a raw request', () => {
  const policy = Buffer.from(JSON.stringify({ expiration: '2026-01-31 12:00:00', conditions: [] })).toString('base64')
  const fields = {
    key: 'cat.png',
    policy,
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': 'AKIAIOSFODNN7EXAMPLE/20260131/eu-west-1/s3/aws4_request',
    'x-amz-date': '20260131T110000Z',
    'x-amz-signature': 'ab'.repeat(32),
  }
  const partOf = (disposition: string, value: string): string =>
    `--cut\nContent-Disposition: form-data; ${disposition}\n\n${value}\n`
  const body = Object.entries(fields).map(([name, value]) => partOf(`name="${name}"`, value))
  const text = `POST / HTTP/1.1\nHost: photos.s3.eu-west-1.amazonaws.com\nContent-Type: multipart/form-data; boundary=cut\n\n${body.join('')}${partOf('name="file"; filename="cat.png"', '(bytes)')}--cut--\n`

  it.each(['\n', '\r\n'])('is read up to its last boundary, whatever ends its lines: %j', (end) => {
    const { request } = parseEvidence(text.replaceAll('\n', end))
    expect(request?.body).toContain(`name="policy"\r\n\r\n${policy}\r\n--cut`)
    const { verdict } = explain({ request: request!, now: Date.UTC(2026, 0, 31, 11, 5) })
    expect(verdict).toContain("S3 cannot read the policy. Invalid Policy: Invalid 'expiration' value")
  })
})
