import { describe, expect, it } from 'vitest'
import { sign } from '../../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { explain, parseEvidence } from '../../../src/explain.ts'

// Requests as programs print them: a method, a URL, and the headers as an object.

const credentials = { ...CREDENTIALS }
const url = 'http://127.0.0.1:9000/photos/hello.txt'
const signed = sign({ method: 'PUT', url, body: 'hello' }, { credentials, region: 'us-east-1', service: 's3' })
const headers = { host: '127.0.0.1:9000', ...signed.headers }
const error =
  '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message></Error>'
const python = JSON.stringify(headers).replaceAll('"', "'").replaceAll("','", "', '").replaceAll("':'", "': '")

describe('the headers of a request that a program printed', () => {
  it.each([
    ['after the method and the URL', `PUT ${url} ${python}`],
    ['after the method and the path', `PUT /photos/hello.txt ${python}`],
    ['on the next line', `PUT ${url}\n${python}`],
    ['in a tuple', `('PUT', '${url}', ${python})`],
    ['as JSON', `PUT ${url}\n${JSON.stringify(headers, null, 2)}`],
  ])('%s belong to them', (_, printed) => {
    const { request } = parseEvidence(`${printed}\n403 ${error}\n`)
    expect([request?.method, request?.url?.endsWith('/photos/hello.txt')]).toEqual(['PUT', true])
  })

  it('alone do not show what was signed, so the secret is not blamed', () => {
    const evidence = parseEvidence(`${python}\n403 ${error}\n`)
    const secrets = { ...credentials, secretAccessKey: `${credentials.secretAccessKey}x` }
    const { verdict, findings } = explain({ ...evidence, credentials: secrets })
    expect(findings.filter(({ confidence }) => confidence !== 'possible')).toEqual([])
    expect(verdict).toContain('The evidence does not show the method.')
  })
})

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0123456789abcdef'.repeat(4)}`
const PRINT_R = `Array
(
    [Host] => photos.s3.amazonaws.com
    [X-Amz-Date] => 20260131T120000Z
    [Authorization] => ${AUTHORIZATION}
)
`
const VAR_DUMP = `array(3) {
  ["Host"]=>
  string(23) "photos.s3.amazonaws.com"
  ["X-Amz-Date"]=>
  array(1) {
    [0]=>
    string(16) "20260131T120000Z"
  }
  ["Authorization"]=>
  string(181) "${AUTHORIZATION}"
}
`
const GO = `map[Authorization:[${AUTHORIZATION}] Host:[photos.s3.amazonaws.com] X-Amz-Date:[20260131T120000Z]]`
const JAVA = `{Authorization=${AUTHORIZATION}, Host=photos.s3.amazonaws.com, X-Amz-Date=20260131T120000Z}`
const JAVA_LISTS = `{Authorization=[${AUTHORIZATION}], Host=[photos.s3.amazonaws.com], X-Amz-Date=[20260131T120000Z]}`
const EXPECTED = { Host: 'photos.s3.amazonaws.com', 'X-Amz-Date': '20260131T120000Z', Authorization: AUTHORIZATION }

// recorded from PHP 8.2, Go 1.26, and Java 17
describe('headers without quotation marks', () => {
  const target = 'GET https://photos.s3.amazonaws.com/cat.jpg'
  it.each([
    ['print_r in PHP', PRINT_R],
    ['var_dump in PHP', VAR_DUMP],
    ['fmt.Println in Go', GO],
    ['a Map in Java', JAVA],
    ['a Map of lists in Java', JAVA_LISTS],
  ])('are read as %s prints them', (_, printed) => {
    for (const text of [`${target}\n${printed}`, ...(printed.includes('\n') ? [] : [`${target} ${printed}`])]) {
      const { request } = parseEvidence(`${text}\n403 ${error}\n`)
      expect([request?.method, request?.url]).toEqual(target.split(' '))
      expect(Object.fromEntries(request?.headers as [string, string][])).toEqual(EXPECTED)
    }
  })

  it('are read with any method that services accept', () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { request } = parseEvidence(`${method} /cat.jpg ${JAVA}\n403 ${error}\n`)
      expect([request?.method, request?.url]).toEqual([method, 'https://photos.s3.amazonaws.com/cat.jpg'])
      const { request: logged } = parseEvidence(
        `${method} https://photos.s3.amazonaws.com/cat.jpg\n403\n210 ms\nNetwork\nRequest Headers\nHost: "photos.s3.amazonaws.com"\nResponse Headers\nDate: "a"\n`,
      )
      expect([logged?.method, logged?.headers], method).toEqual([method, [['Host', 'photos.s3.amazonaws.com']]])
    }
  })

  it('are read with the method and the URL of an array in PHP, or of a request in Go', () => {
    const nested = `Array\n(\n    [method] => GET\n    [url] => https://photos.s3.amazonaws.com/cat.jpg\n    [headers] => ${PRINT_R.trim().replaceAll('\n', '\n        ')}\n\n)\n`
    const request = `&{Method:GET URL:https://photos.s3.amazonaws.com/cat.jpg Proto:HTTP/1.1 ProtoMajor:1 ProtoMinor:1 Header:map[Authorization:[${AUTHORIZATION}] X-Amz-Date:[20260131T120000Z]] Body:<nil> GetBody:<nil> ContentLength:0 TransferEncoding:[] Close:false Host:photos.s3.amazonaws.com Form:map[] PostForm:map[] MultipartForm:<nil> Trailer:map[] RemoteAddr: RequestURI: TLS:<nil> Cancel:<nil> Response:<nil> Pattern: ctx:{emptyCtx:{}} pat:<nil> matches:[] otherValues:map[]}`
    for (const text of [nested, request]) {
      const { request } = parseEvidence(`${text}\n403 ${error}\n`)
      expect([request?.method, request?.url]).toEqual(target.split(' '))
      expect(Object.fromEntries(request?.headers as [string, string][])).toEqual(EXPECTED)
    }
  })
})
