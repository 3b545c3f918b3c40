import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { explain, parseEvidence } from '../../../src/explain.ts'

// Logs of HTTP clients, recorded by the programs in packages/sigv4-tools/fixtures/client-logs. All of them sent the same request, whose
// content type was changed after it was signed, except for those that AWS SDKs sent, whose secret ended with a line feed.

const FOLDER = new URL('../../../fixtures/client-logs/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8')
const SENT = JSON.parse(read('programs/request.json')) as { url: string; headers: Record<string, string>; body: string }
const NOW = Date.UTC(2026, 0, 31, 12)
const credentials = { ...CREDENTIALS }
const ERROR =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><Resource>/photos/cat.jpg</Resource><RequestId>18A1B2C3</RequestId></Error>'

// .NET does not run on the machines that record: the formats are those of its documentation, with the same request
const pairs = Object.entries(SENT.headers)
const indented = (indent: string): string => pairs.map(([name, value]) => `${indent}${name}: ${value}\n`).join('')
const DOTNET = {
  // https://learn.microsoft.com/dotnet/api/system.net.http.httprequestmessage.tostring
  'dotnet-to-string': `Method: PUT, RequestUri: '${SENT.url}', Version: 1.1, Content: System.Net.Http.StringContent, Headers:
{
${indented('  ')}}
StatusCode: 403, ReasonPhrase: 'Forbidden', Version: 1.1, Content: System.Net.Http.HttpConnectionResponseContent, Headers:
{
  Server: MinIO
  Date: Sat, 31 Jan 2026 12:00:00 GMT
  x-amz-request-id: 18A1B2C3
  Content-Type: application/xml
  Content-Length: 287
}
${ERROR}
`,
  // https://learn.microsoft.com/dotnet/core/extensions/httpclient-factory#logging
  'dotnet-logging': `info: System.Net.Http.HttpClient.Default.LogicalHandler[100]
      Start processing HTTP request PUT ${SENT.url}
info: System.Net.Http.HttpClient.Default.ClientHandler[100]
      Sending HTTP request PUT ${SENT.url}
trce: System.Net.Http.HttpClient.Default.ClientHandler[102]
      Request Headers:
${indented('      ')}
info: System.Net.Http.HttpClient.Default.ClientHandler[101]
      Received HTTP response headers after 12.345ms - 403
trce: System.Net.Http.HttpClient.Default.ClientHandler[103]
      Response Headers:
      Server: MinIO
      Date: Sat, 31 Jan 2026 12:00:00 GMT
      x-amz-request-id: 18A1B2C3
      Content-Type: application/xml
      Content-Length: 287

info: System.Net.Http.HttpClient.Default.LogicalHandler[101]
      End processing HTTP request after 12.345ms - 403
${ERROR}
`,
}

const LOGS: Record<string, string> = {
  ...Object.fromEntries(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith('.log'))
      .map((name) => [name.replace(/\.log$/, ''), read(name)]),
  ),
  ...DOTNET,
}
/** Logs that do not contain the body of the request. */
const WITHOUT_BODY = ['java-jdk', ...Object.keys(DOTNET)]
const namesOf = (isOfSdk: boolean): string[] => Object.keys(LOGS).filter((name) => /boto3|sdk/.test(name) === isOfSdk)
const each = (text: string, change: (line: string) => string): string => text.split('\n').map(change).join('\n')

const lowered = (message: { headers?: unknown } | undefined): [string, string][] =>
  ((message?.headers as [string, string][] | undefined) ?? []).map(([key, value]) => [key.toLowerCase(), value])

it('the log of each client is read', () => {
  expect(namesOf(false)).toHaveLength(15)
  expect(namesOf(true)).toHaveLength(2)
})

describe.each(namesOf(false))('%s', (name) => {
  const log = LOGS[name]!
  const { items, hints, endpoint, ...exchange } = parseEvidence(log)

  it('shows the request and the response', () => {
    const { request, response } = exchange
    expect(request?.method).toBe('PUT')
    expect([SENT.url, new URL(SENT.url).pathname]).toContain(request?.url)
    const headers = Object.fromEntries(lowered(request))
    expect(headers).toMatchObject(SENT.headers)
    if (request?.url?.startsWith('/')) expect(headers.host).toBe('127.0.0.1:9411')
    expect(request?.body).toBe(WITHOUT_BODY.includes(name) ? undefined : SENT.body)
    expect(response?.status).toBe(403)
    const received = lowered(response)
    expect(received).toHaveLength(name === 'java-jdk' ? 6 : 5)
    expect(received).toEqual(
      expect.arrayContaining([
        ['server', 'MinIO'],
        ['x-amz-request-id', '18A1B2C3'],
      ]),
    )
    if (response?.body !== undefined) expect(response.body).toBe(ERROR)
    expect(response?.body ?? response?.code).toContain('SignatureDoesNotMatch')
  })

  it('names the lines that it was read from', () => {
    const lines = log.split('\n')
    const textOf = (kind: string): string | undefined => {
      const item = items.filter((one) => one.kind === kind).pop()
      return item && lines.slice(item.lines[0] - 1, item.lines[1]).join('\n')
    }
    expect(textOf('request')).toMatch(/PUT.*photos\/cat\.jpg/)
    expect(textOf('request')).toMatch(/authorization/i)
    // this log shows the status elsewhere
    expect(textOf('response')).toContain(name === 'java-jdk' ? '18A1B2C3' : '403')
  })

  it('leads to the mistake', () => {
    const { findings } = explain({ ...parseEvidence(log), credentials, now: NOW })
    expect(findings[0]).toMatchObject({ cause: 'header-changed', confidence: 'proven', actual: 'image/png' })
    expect(explain({ ...parseEvidence(log), now: NOW }).signature).not.toBe('right')
  })

  it.each([
    ['quoted', each(log, (line) => `> ${line}`)],
    ['with line ends of Windows', log.replaceAll(/\r?\n/g, '\r\n')],
    ['in a code block', `Hello\n\n\`\`\`\n${log}\n\`\`\`\n\nThanks.`],
    ['indented', each(log, (line) => (line === '' ? '' : `    ${line}`))],
    ['with the name of a container', each(log, (line) => `web-1  | ${line}`)],
  ])('is the same %s', (_, changed) => {
    const { items: _items, hints: _hints, endpoint: _endpoint, ...same } = parseEvidence(changed)
    expect(same).toEqual(exchange)
  })
})

describe.each(namesOf(true))('%s', (name) => {
  it('leads to the line feed at the end of the secret', () => {
    const evidence = parseEvidence(LOGS[name]!)
    expect(evidence.request).toMatchObject({ method: 'PUT', body: 'hello' })
    expect(evidence.response).toMatchObject({ status: 403, headers: { length: 5 } })
    expect(explain({ ...evidence, credentials }).findings[0]).toMatchObject({
      cause: 'secret-whitespace',
      confidence: 'proven',
    })
  })
})

describe('parts of messages', () => {
  const HEAD = 'PUT /photos/cat.jpg HTTP/1.1\\r\\nHost: 127.0.0.1:9411\\r\\nContent-Length: 5\\r\\n\\r\\n'

  it('are joined, in the order in which they were sent', () => {
    const { request } = parseEvidence(`send: b'${HEAD}'\nsend: b'he'\nsend: b"ll"\nsend: b'o'\nreply: 'HTTP/1.1 200'\n`)
    expect(request).toMatchObject({ method: 'PUT', body: 'hello' })
  })

  it('of a body that the client streamed are unknown', () => {
    const { request } = parseEvidence(`send: b'${HEAD}'\nsend: <_io.BytesIO object at 0x7f>\nsending a readable\n`)
    expect(request).toMatchObject({ method: 'PUT', url: '/photos/cat.jpg' })
    expect(request).not.toHaveProperty('body')
  })

  it('are not read where no message has started', () => {
    expect(parseEvidence("send: b'hello'\nread: 'HTTP'\n")).toEqual({ items: [] })
  })

  it('keep what follows in the same line', () => {
    const { request, response } = parseEvidence(`{"request":"${HEAD}hello","error":"SignatureDoesNotMatch"}`)
    expect(request?.body).toBe('hello')
    expect(response?.code).toBe('SignatureDoesNotMatch')
  })
})
