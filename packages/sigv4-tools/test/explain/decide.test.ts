import { describe, expect, it } from 'vitest'
import { presignPut } from '../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type ExplainInput, explain } from '../../src/explain.ts'

// When the first two causes are only possible, one piece of evidence decides between them.

const credentials = { ...CREDENTIALS }
const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
const NOW = Date.UTC(2015, 7, 30, 12, 36)
const target = { bucket: 'films', key: 'a', region: 'eu-west-1' }
const { url } = presignPut(target, { credentials, now: NOW, headers: { 'content-type': 'application/x-own' } })
const request = { method: 'PUT', url, headers: { host: new URL(url).host, 'content-type': 'text/plain' } }
const official = { ...request, headers: { ...request.headers, 'user-agent': 'aws-cli/2.31.0' } }
const now = NOW + 1000
const plain = presignPut(target, { credentials, now: NOW }).url.replace('/a?', '/a//b%20c?')

describe('what decides between the first two causes is', () => {
  it.each<[what: string, given: ExplainInput, evidence: RegExp, command: string]>([
    [
      'the request, of an error alone',
      { response },
      /^Add the request that failed/,
      'curl -v … 2>&1 | npx sigv4-tools explain',
    ],
    [
      'the headers, of a URL alone',
      { request: { url }, response, now },
      /^Add the output of curl -v, or the signed request as your program prints it: it shows the /,
      'curl -v … 2>&1 | npx sigv4-tools explain',
    ],
    [
      'the response',
      { request: { ...request, url: plain }, now },
      /^Add the service's response/,
      'curl -v … 2>&1 | npx sigv4-tools explain',
    ],
    [
      'the credentials',
      { request, response, now },
      /^Add the credentials/,
      'npx sigv4-tools explain --profile NAME < LOG',
    ],
    [
      'the value of a signed header, with the credentials, of a client that assembles its strings correctly',
      { request: official, response, credentials, now },
      /^Pass a value of content-type/,
      "npx sigv4-tools explain --signed 'content-type: VALUE' < LOG",
    ],
    [
      'the strings of the client, with the credentials, of any other client',
      { request, response, credentials, now },
      /^Print the canonical request and the string to sign that the client computed/,
      'npx sigv4-tools explain < LOG',
    ],
  ])('%s', (_, given, evidence, command) => {
    const { findings, decides } = explain(given)
    const [first, second] = findings
    expect([first?.confidence, second?.confidence]).toEqual(['possible', 'possible'])
    expect(decides).toEqual({
      evidence: expect.stringMatching(evidence),
      command,
      between: [first?.cause, second?.cause],
    })
  })

  it('nothing, if a cause is proven or likely', () => {
    const signed = { headers: { 'content-type': 'application/x-own' } }
    expect(explain({ request, response, credentials, now, signed })).not.toHaveProperty('decides')
    expect(explain({ request: { url: '/', headers: {} } })).not.toHaveProperty('decides')
  })

  it('never a header whose name could end the command', () => {
    const odd = url.replace('content-type', "x-a'b")
    const { decides, findings } = explain({ request: { ...official, url: odd }, response, credentials, now })
    expect(JSON.stringify([decides?.command, ...findings.map(({ fix }) => fix)])).not.toContain("'x-a'b")
  })
})

describe('an error alone', () => {
  it('has at most three causes, said to be common', () => {
    const { verdict, findings, wanted } = explain({ response })
    expect(findings).toHaveLength(3)
    expect(verdict).toMatch(/^The error alone does not show the cause\. Common cause: /)
    expect(wanted).toEqual(['request'])
  })
})

describe('a URL that was cut off', () => {
  it.each(['?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Cred…', '?X-Amz-Alg...'])('%s is not malformed', (query) => {
    const { verdict, findings } = explain({ request: { url: `https://films.s3.amazonaws.com/a${query}` } })
    expect(findings).toEqual([])
    expect(verdict).toMatch(/^The URL was shortened by the program that displayed it\. Copy/)
  })
})

describe('a URL alone that expired long ago', () => {
  it('is not only that: the time of pasting is not that of the request', () => {
    const expired = explain({ request: { url: url.replace('/a?', '/a//b?') } })
    expect(expired.findings.map(({ cause }) => cause)).toEqual(['header-missing', 'path-normalization', 'expired'])
    expect(expired.findings.map(({ confidence }) => confidence)).toEqual(['possible', 'possible', 'possible'])
  })
})
