import { describe, expect, it } from 'vitest'
import { analyze } from '../../docs/debugger/analyze.ts'
import { buildPage, gzipSize } from '../../docs/debugger/build.ts'
import { EXAMPLES } from '../../docs/debugger/examples.ts'
import { fromFragment, shareable, toFragment } from '../../docs/debugger/share.ts'
import { causes } from '../../src/explain.ts'
import { PASTES } from '../explain/pastes.ts'

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
    const { private: hidden, explanation } = ask(paste)
    const shared = shareable(paste, [], hidden)
    expect(shared).not.toMatch(/signature\W{1,3}[\da-f]{9}/i)
    for (const value of hidden) expect(shared).not.toContain(value)
    const received = await fromFragment((await toFragment(shared))!)
    expect(received).toBe(shared)
    expect(ask(shared).explanation?.findings[0]?.cause).toBe(explanation?.findings[0]?.cause)
  })
})

describe('analyze', () => {
  it.each(PASTES)('reports what is in: $title', ({ paste, expected }) => {
    const { explanation, problem, items } = ask(paste)
    if (Object.keys(expected).length === 0)
      expect(problem).toMatch(/^(?:Nothing was recognized|The cause cannot be found)/)
    else {
      expect(problem ?? '').toMatch(/^(?:$|The cause cannot be found from this alone)/)
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

  it('never returns the secret, except among the values that a link must not contain', () => {
    for (const [, , make] of EXAMPLES) {
      const { paste, secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } = make(NOW)
      const { private: hidden, ...report } = ask(paste, secret)
      expect(JSON.stringify(report)).not.toContain(secret)
      expect(hidden.length).toBeGreaterThanOrEqual(0)
    }
  })

  it.each(['', ' ', '\n', 'hello', '<', '{', '\0', '%', 'https://', 'A'.repeat(1_000_000)])(
    'never throws: %j',
    (text) => {
      const { explanation, problem } = ask(text.slice(0, 1_000_000))
      expect(explanation).toBeUndefined()
      if (text.trim() !== '') expect(problem).toMatch(/^Nothing was recognized/)
    },
  )
})

describe('shareable', () => {
  it('removes lines with secrets, and shortens signatures and tokens however they are written', () => {
    const signature = '0f9e8d7c6b5a49382716059f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5'
    const token = 'FwoGZXIvYXdzEXAMPLETOKEN'
    const text = [
      `AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`,
      `X-Amz-Signature=${signature}&X-Amz-Security-Token=${token}`,
      `Signature=${signature}`,
      `<SignatureProvided>${signature}</SignatureProvided>`,
      `"X-Amz-Security-Token": "${token}"`,
      `x-amz-security-token:${token}`,
      `echo ${signature}`,
    ].join('\n')
    const shared = shareable(text, [[1, 1]], [signature, token])
    expect(shared).not.toContain(signature.slice(0, 9))
    expect(shared).not.toContain(token.slice(0, 9))
    expect(shared.split('\n')[0]).toBe('[removed]')
    expect(shareable(text, [[1, 1]], [])).not.toContain(token.slice(0, 9))
  })

  it('makes no link that is too long, and rejects damaged ones', async () => {
    const random = Array.from({ length: 40_000 }, () => Math.random().toString(36)).join('')
    expect(await toFragment(random)).toBeUndefined()
    expect(await fromFragment('#example=expired')).toBeUndefined()
    await expect(fromFragment('#e=AAAA')).rejects.toThrow()
  })
})

describe('the built page', () => {
  it('allows only its own script and style, and is as small as it was', async () => {
    const files = await buildPage()
    for (const name of ['index.html', 'debugger.html']) {
      const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(files[name]!)!
      expect(policy).toMatch(
        /^default-src 'none'; script-src '(?:self|sha256-[^']*)'; style-src '(?:self|sha256-[^']*)'; /,
      )
      expect(policy).toMatch(/connect-src 'none'; base-uri 'none'; form-action 'none'/)
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(files[name]).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    }
    expect(files['debugger.js']).not.toMatch(
      /\.innerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage|sessionStorage/,
    )
    expect(gzipSize(files)).toBeLessThan(108_000)
  })
})
