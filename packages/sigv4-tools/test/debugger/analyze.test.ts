import { describe, expect, it } from 'vitest'
import { DOC_CREDENTIALS } from '../../../../test/support/credentials.ts'
import { buildPage } from '../../build-debugger.ts'
import { analyze } from '../../src/debugger/analyze.ts'
import { EXAMPLES } from '../../src/debugger/examples.ts'
import { fromFragment, shareable, toFragment } from '../../src/debugger/share.ts'
import { causes } from '../../src/explain.ts'
import { PASTES } from '../support/pastes.ts'

// What the debugger page computes, without a browser.

const NOW = Date.now()

const ask = (text: string, secret = '', response = '') => analyze({ id: 1, text, response, secret })

describe.each(EXAMPLES)('the example for %s', (cause, _, make) => {
  const { paste, secret = '' } = make(NOW)

  it('leads to its cause first, and is recognized completely', () => {
    const { explanation, problem, items } = ask(paste, secret)
    expect(problem).toBeUndefined()
    expect(explanation?.findings[0]?.cause).toBe(cause)
    expect(causes()).toContain(cause)
    expect(items.length).toBeGreaterThan(0)
    if (secret) expect(explanation?.findings[0]?.confidence).toBe('proven')
  })

  it('leads to its cause after a journey in a link, which has no signature', async () => {
    const shared = shareable(paste, [])
    for (const [, signature] of paste.matchAll(/signature\W{1,3}([\da-f]{64})/gi))
      expect(shared).not.toContain(signature)
    const received = await fromFragment((await toFragment(shared))!)
    expect(received).toBe(shared)
    expect(ask(shared).explanation?.findings[0]?.cause).toBe(ask(paste).explanation?.findings[0]?.cause)
    expect(ask(shared).isShortened).toBe(/signature\W{1,3}[\da-f]{64}/i.test(paste))
  })
})

describe('analyze', () => {
  it.each(PASTES)('reports what is in: $title', ({ paste, expected }) => {
    const { explanation, problem, items } = ask(paste)
    if (Object.keys(expected).length === 0)
      expect(problem).toMatch(/^(?:Nothing was recognized|The cause cannot be found)/)
    else {
      expect(problem ?? '').toMatch(/^(?:$|The cause cannot be found from this alone|This request is not signed)/)
      expect(explanation?.verdict ?? problem).not.toBe('')
      expect(items.length).toBeGreaterThan(0)
    }
  })

  it('reads the response from its own field', () => {
    const [, , make] = EXAMPLES.find(([cause]) => cause === 'scope-region')!
    const [request, response] = make(NOW).paste.split(/\n(?=<\?xml)/) as [string, string]
    const alone = ask(request.replace(/\n<.*/s, ''))
    expect(alone.wants.response).toBe(true)
    expect(ask(request.replace(/\n<.*/s, ''), '', response).explanation?.findings[0]?.cause).toBe('scope-region')
  })

  it('asks for the secret only if it could prove something', () => {
    const wants = (name: string) => ask(EXAMPLES.find(([cause]) => cause === name)![2](NOW).paste).wants.secret
    expect(wants('method')).toBe(true)
    expect(wants('expired')).toBe(false)
    expect(wants('policy-condition')).toBe(false)
  })

  it('computes the signature of each step with the secret', () => {
    const { paste, secret } = EXAMPLES.find(([cause]) => cause === 'query-extra')![2](NOW)
    const { steps } = ask(paste, secret)
    expect(steps?.computed).toMatch(/^[\da-f]{64}$/)
    expect(steps?.computed).not.toBe(steps?.received)
    const right = paste.replace('width=200&', '').split('\n')[0]!
    const again = ask(right, secret)
    expect(again.steps?.computed).toBe(again.steps?.received)
    expect(again.explanation?.signature).toBe('right')
  })

  it('never returns the secret', () => {
    for (const [, , make] of EXAMPLES) {
      const { paste, secret = DOC_CREDENTIALS.secretAccessKey } = make(NOW)
      expect(JSON.stringify(ask(paste, secret))).not.toContain(secret)
    }
  })

  it('shows no session token completely', () => {
    const token = 'IQoJb3JpZ2luX2VjEXAMPLEtoken1234567890'
    const [, , make] = EXAMPLES.find(([cause]) => cause === 'session-token')!
    const { paste } = make(NOW)
    const url = paste.split('\n')[0]!.replace('&X-Amz-Signature', `&X-Amz-Security-Token=${token}&X-Amz-Signature`)
    expect(JSON.stringify(ask(url))).toContain('IQoJb3Jp…')
    expect(JSON.stringify(ask(url))).not.toContain(token)
  })

  it('asks for the request if there is only an error', () => {
    expect(ask('SignatureDoesNotMatch: The request signature we calculated does not match').wants.request).toBe(true)
    expect(ask('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg').problem).toMatch(/^This request is not signed/)
  })

  it('proves nothing about evidence from a link', () => {
    const { paste, secret = '' } = EXAMPLES.find(([cause]) => cause === 'method')![2](NOW)
    const report = ask(shareable(paste, []), secret)
    expect(report.isShortened).toBe(true)
    expect(report.wants.secret).toBe(false)
    expect(report.explanation?.findings.some(({ confidence }) => confidence === 'proven')).toBe(false)
    expect(report.steps?.received).toMatch(/^[\da-f]{8}…$/)
  })

  it('reports as much as can be shown, of however much', () => {
    const url = EXAMPLES[0]![2](NOW).paste.split('\n')[0]!
    const many = ask(`${url}${'&a=b'.repeat(100_000)}`)
    expect(many.parts.length).toBeLessThan(300)
    const names = ask(url.replace('SignedHeaders=host', `SignedHeaders=host${';a'.repeat(100_000)}`))
    expect(names.parts.length).toBeLessThan(300)
    const long = ask(url.replace('cat.jpg', 'x'.repeat(1_000_000)))
    expect(JSON.stringify(long).length).toBeLessThan(200_000)
  })

  it.each(['', ' ', '\n', 'hello', '<', '{', '\0', '%', 'https://', 'A'.repeat(1_000_000)])(
    'never throws: %j',
    (text) => {
      const { explanation, problem } = ask(text.slice(0, 1_000_000))
      expect(explanation).toBeUndefined()
      if (text.trim() !== '') expect(problem).toMatch(/^Nothing was recognized/)
    },
  )

  it.each(['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty'])(
    'a part named %s has no meaning, so that a link to it cannot stop the worker',
    (name) => {
      const form = `Content-Disposition: form-data; name="${name}"\r\n\r\nvalue\r\n--x--`
      for (const text of [
        `https://s3.amazonaws.com/k?${name}=a&X-Amz-Signature=${'a'.repeat(64)}`,
        `GET /k HTTP/1.1\nHost: s3.amazonaws.com\n${name}: value\n\n`,
        `POST / HTTP/1.1\nHost: b.s3.amazonaws.com\nContent-Type: multipart/form-data; boundary=x\n\n--x\r\n${form}`,
      ]) {
        const report = analyze({ id: 1, text, response: '', secret: '' })
        expect(structuredClone(report)).toEqual(report)
        for (const { note } of report.parts) expect(typeof (note ?? '')).toBe('string')
      }
    },
  )
})

describe('the built page', () => {
  it('allows only its own script and style, and is as small as it was', async () => {
    const files = await buildPage()
    for (const name of ['index.html', 'debugger.html']) {
      const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(files[name]!)!
      expect(policy).toMatch(
        /^default-src 'none'; script-src '(?:self|sha256-[^']*)'; style-src '(?:self|sha256-[^']*)'; /,
      )
      expect(policy).toMatch(/connect-src 'none'; worker-src blob:; base-uri 'none'; form-action 'none'/)
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(files[name]).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    }
    expect(files['debugger.js']).not.toMatch(
      /\.innerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage|sessionStorage/,
    )
  })
})
