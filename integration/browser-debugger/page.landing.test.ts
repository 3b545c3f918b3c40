import { describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../packages/sigv4-tools/src/debugger/examples.ts'
import { parseEvidence } from '../../packages/sigv4-tools/src/explain.ts'
import { PASTES } from '../../packages/sigv4-tools/test/support/pastes.ts'
import { DOC_CREDENTIALS } from '../../test/support/credentials.ts'
import { axe, BROWSERS, browsers, clickExample, enter, inEachBrowser, type Seen, type Tab } from './tabs.ts'

// The debugger page as its users see it: each browser, from a file and from a server.

const SECRET = DOC_CREDENTIALS.secretAccessKey
const [, , makeExpired] = EXAMPLES.find(([cause]) => cause === 'expired')!
const [, CHANGED] = EXAMPLES.find(([cause]) => cause === 'header-changed')!

/** Chromium's advice, which would invite its password manager to store the secret. */
const ADVICE = /Password field is not contained in a form/

/** What the page and the browser complained about. */
async function complaints(tab: Tab): Promise<string[]> {
  const logged = tab.complaints.filter((each) => !ADVICE.test(each))
  return [...logged, ...((await tab.run<string[] | null>('window.complaints ?? null')) ?? [])]
}

/** A promise of the value of an expression, as soon as there is one. */
function until(source: string): string {
  return `new Promise((resolve) => {
    const look = () => {
      const found = ${source}
      if (found) resolve(found)
      else setTimeout(look, 20)
    }
    look()
  })`
}

/** Everything in the document and the browser that outlives a keystroke. */
const TRACES = `(() => {
  const attributes = [...document.querySelectorAll('*')].flatMap((each) => [...each.attributes].map(({ value }) => value))
  const kept = [localStorage, sessionStorage].map((storage) => JSON.stringify({ ...storage }))
  return [...attributes, ...kept, document.documentElement.outerHTML, document.title, document.cookie, location.href,
    JSON.stringify(history.state), String(history.length)].join('\\n')
})()`

it('runs in the required browsers', ({ skip }) => {
  const missing = BROWSERS.filter((name) => !browsers.includes(name))
  if (missing.length > 0 && !process.env.CI) skip(`NOT RUN: the debugger page in ${missing.join(', ')}`)
  expect(missing).toEqual([])
})

inEachBrowser((scene) => {
  describe.each(['file', 'server', 'package'] as const)('from a %s', (from) => {
    it('shows the cause of each example, without a request or a violation of its policy', async () => {
      const tab = await scene.open(from)
      const loaded = scene.stage.requested.length
      for (const [cause, title] of EXAMPLES) {
        const seen = await tab.run<Seen>(clickExample(title))
        expect(seen.cause, title).toBe(cause)
        expect(seen.fix, title).not.toBe('')
        expect(seen.problem, title).toBe('')
      }
      expect(scene.stage.requested.slice(loaded)).toEqual([])
      expect(await complaints(tab)).toEqual([])
      const resources = await tab.run<string[]>(`performance.getEntriesByType('resource').map(({ name }) => name)`)
      const own = from === 'server' ? /^blob:|\/(?:style\.css|debugger\.js)$/ : /^blob:/
      expect(resources.filter((name) => !own.test(name))).toEqual([])
    })
  })

  it('recognizes each shape of paste', async () => {
    const tab = await scene.open()
    for (const { title, paste } of PASTES) {
      const { recognized, warning, headline, problem } = await tab.run<Seen>(enter({ paste }))
      for (const { kind, description } of parseEvidence(paste.replaceAll('\r', '')).items.slice(0, 12))
        if (kind === 'credentials')
          expect(warning, title).toContain(description.replace(', do not share this line', ''))
        else expect(recognized, title).toContain(description)
      expect(headline || problem, title).not.toBe('')
    }
    expect(await complaints(tab)).toEqual([])
  }, 120_000)

  it('opens an example and a shared link by fragment', async () => {
    const tab = await scene.open()
    await tab.run(enter({ paste: makeExpired(Date.now()).paste }))
    await tab.run(`document.getElementById('share').click()`)
    const wait = (source: string) => tab.run(until(source))
    await wait(`document.querySelector('dialog[open]') && true`)
    const shared = await tab.run<string>(`document.getElementById('link-text').value`)
    expect(shared).toMatch(/X-Amz-Signature=[\da-f]{8}…/)
    await tab.run(
      `{ navigator.clipboard.writeText = async (text) => { window.copied = text }; document.getElementById('link-copy').click() }`.replace(
        /^\{(.*)\}$/s,
        '(() => {$1})()',
      ),
    )
    const link = (await wait('window.copied')) as string
    expect(link).toMatch(/#e=[\w-]+$/)
    await tab.goto('about:blank')
    await tab.goto(link)
    expect(await wait(`document.querySelector('.result .cause summary')?.textContent`)).toBe('expired')
    expect(await tab.run(`document.getElementById('paste').value`)).toBe(shared)
    await tab.goto('about:blank')
    await tab.goto(`${link.replace(/#.*/, '')}#example=two-auths`)
    expect(await wait(`document.querySelector('.result .cause summary')?.textContent`)).toBe('two-auths')
    await tab.goto('about:blank')
    await tab.goto(`${link.slice(0, -40)}`)
    expect(await wait(`document.querySelector('.problem')?.textContent`)).toMatch(/link is damaged/)
  })

  it('keeps the secret in the field only, and clears it when the page is hidden', async () => {
    const tab = await scene.open('server')
    const before = await tab.run<number>('history.length')
    await tab.run(clickExample(CHANGED))
    const { paste } = EXAMPLES.find(([cause]) => cause === 'header-changed')![2](Date.now())
    const seen = await tab.run<Seen>(enter({ paste, secret: SECRET }))
    expect(seen.badge).toBe('Proven')
    await tab.run(`(() => { document.querySelector('.steps').open = true })()`)
    const traces = await tab.run<string>(TRACES)
    expect(traces).not.toContain(SECRET)
    expect(traces).not.toContain(encodeURIComponent(SECRET))
    expect(traces).not.toMatch(/kSigning[^<]*<\/code><\/dt><dd><code[^>]*>[^<]*<\/code><span class="value"><code/)
    expect(await tab.run('history.length')).toBe(before)
    await tab.run(`document.querySelector('.steps button').click()`)
    const keys = await tab.run<string[]>(
      `[...document.querySelectorAll('.keys .value')].map((each) => each.textContent)`,
    )
    expect(keys).toHaveLength(4)
    for (const key of keys) expect(key).toMatch(/^[\da-f]{64}$/)
    await tab.run(`(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })()`)
    await tab.run(until(`document.querySelector('.result .badge').textContent !== 'Proven'`))
    const after = await tab.run<string>(`document.getElementById('secret').value + document.documentElement.outerHTML`)
    expect(after).not.toContain(SECRET)
    expect(after).toContain('The secret was cleared because you left the page.')
    for (const key of keys) expect(after).not.toContain(key)
  })

  it('shows hostile text as text', async () => {
    const tab = await scene.open()
    const markup =
      '"><img src=x onerror="window.hit=1"><script>window.hit=1</script><b>bold</b>\u202egnp.exe\u202c\0\x1b[31m'
    const bidi = `<Error><Code>Signature\u202eDoesNotMatch</Code><Message>x</Message></Error>`
    const url = `https://photos.s3.eu-west-1.amazonaws.com/${markup}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${markup}&X-Amz-Signature=${markup}`
    const error = `<Error><Code>SignatureDoesNotMatch</Code><Message>${markup.replaceAll('<', '&lt;')}</Message><CanonicalRequest>GET\n/${markup.replaceAll('<', '&lt;')}\n\nhost:x\n\nhost\nUNSIGNED-PAYLOAD</CanonicalRequest></Error>`
    for (const paste of [
      markup,
      bidi,
      url,
      error,
      `${url}\n\n${error}`,
      `GET ${url} HTTP/1.1\nHost: ${markup}\n\n${error}`,
    ]) {
      await tab.run(enter({ paste }))
      const found =
        await tab.run(`[window.hit ?? null, document.querySelectorAll('main img, main script, main b, main [onerror]').length,
        /[\\u202a-\\u202e\\u2066-\\u2069\\0\\x1b]/.test([...document.querySelectorAll('main > :not(section:first-of-type), #recognized, #more, #status')].map((each) => each.textContent).join(''))]`)
      expect(found, paste).toEqual([null, 0, false])
    }
    expect(await complaints(tab)).toEqual([])
  })

  it('replies to each keystroke', async () => {
    const tab = await scene.open()
    const { paste } = EXAMPLES.find(([cause]) => cause === 'header-changed')![2](Date.now())
    for (let i = 0; i < 40; i++) {
      const { cause } = await tab.run<Seen>(enter({ paste: `${paste}${' '.repeat(i)}` }))
      expect(cause).toBe('header-changed')
    }
  })

  // a script cannot fill Firefox's clipboard events
  it.each(scene.name === 'firefox' ? ['file'] : ['paste', 'file'])(
    'reads 1 MB, and keeps it out of the box, in which it would block the page: %s',
    async (way) => {
      const tab = await scene.open()
      const line = '2026-01-31T12:00:00Z INFO request handled in 12 ms by worker-7 {"status": 200}\n'
      const log = `${makeExpired(Date.now()).paste}\n${line.repeat(13_000)}`
      await tab.run(`new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('no report')), 20000)
      new MutationObserver(() => resolve()).observe(document.getElementById('finding'), { childList: true })
      const data = new DataTransfer()
      const text = ${JSON.stringify(log)}
      if (${way === 'file'}) {
        data.items.add(new File([text], 'debug.log'))
        document.getElementById('file').files = data.files
        document.getElementById('file').dispatchEvent(new Event('change'))
      } else {
        data.setData('text/plain', text)
        const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
        document.getElementById('paste').dispatchEvent(event)
      }
    })`)
      expect(await tab.run(`document.querySelector('.result .cause summary').textContent`)).toBe('expired')
      expect(await tab.run(`document.getElementById('paste').value`)).toBe('')
      expect(await tab.run(`document.querySelector('main').innerHTML.length`)).toBeLessThan(log.length / 10)
    },
  )

  it.each<[string, number, (count: number) => string]>([
    ['parameters', 24_000, (count) => '&a=b'.repeat(count)],
    ['signed headers', 15_000, (count) => `&X-Amz-SignedHeaders=host${';name'.repeat(count)}`],
    ['characters', 90_000, (count) => `&a=${'b'.repeat(count)}`],
  ])('shows no more of a URL with ten times as many %s', async (_, count, add) => {
    const tab = await scene.open()
    const url = makeExpired(Date.now()).paste.split('\n')[0]!
    const lengthOf = async (added: string): Promise<number> => {
      await tab.run(enter({ paste: url + added }))
      return tab.run<number>(`document.querySelector('main').innerHTML.length`)
    }
    const few = await lengthOf(add(count / 10))
    expect(await lengthOf(add(count))).toBeLessThan(2 * few)
    expect(await tab.run('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
  })

  it('works offline once it has loaded', async () => {
    const tab = await scene.open('server')
    await scene.stage.stop()
    for (const [cause, title] of EXAMPLES.slice(0, 3))
      expect((await tab.run<Seen>(clickExample(title))).cause).toBe(cause)
  })

  if (scene.name === 'webkit') return // its driver presses no keys, and runs no script before those of the page

  it('analyzes in a worker', async () => {
    const count = `(() => { const Real = Worker; window.workers = 0; window.Worker = class extends Real {
      constructor(...given) { super(...given); window.workers++; this.addEventListener('message', () => window.replies = (window.replies ?? 0) + 1) } } })()`
    const tab = await scene.open('file', count)
    await tab.run(clickExample(CHANGED))
    expect(await tab.run('[window.workers, window.replies > 0]')).toEqual([1, true])
  })

  it('does not scroll sideways at 320 px', async () => {
    const tab = await scene.open()
    await tab.page!.setViewport({ width: 320, height: 640 })
    for (const [, title] of EXAMPLES) {
      await tab.run(clickExample(title))
      await tab.run(`(() => { for (const each of document.querySelectorAll('details')) each.open = true })()`)
      expect(await tab.run('document.documentElement.scrollWidth'), title).toBeLessThanOrEqual(320)
    }
  })

  it('can be used by keyboard alone, and announces its results', async () => {
    const tab = await scene.open(
      'file',
      `addEventListener('load', () => { navigator.clipboard.writeText = async (text) => { window.copied = text } })`,
    )
    const { keyboard } = tab.page!
    expect(await tab.run('document.activeElement.id')).toBe('paste')
    const reach = async (source: string): Promise<void> => {
      for (let left = 60; !(await tab.run<boolean>(source)); left--) {
        expect(left, source).toBeGreaterThan(0)
        await keyboard.press('Tab')
      }
    }
    await reach(`document.activeElement.textContent === ${JSON.stringify(CHANGED)}`)
    await keyboard.press('Enter')
    await tab.page!.waitForFunction(`document.querySelector('.result .fix')`)
    await tab.page!.waitForFunction(`/^Proven: .* Fix: /.test(document.getElementById('status').textContent)`)
    await tab.run(`(() => { window.fix = document.querySelector('.result .fix').textContent })()`)
    await reach(`document.activeElement.getAttribute('aria-label') === 'Copy the fix'`)
    await keyboard.press('Enter')
    await tab.page!.waitForFunction('window.copied === window.fix')
    await tab.run(`(() => { window.copied = undefined; document.getElementById('paste').focus() })()`)
    await keyboard.down('Control')
    await keyboard.press('Enter')
    await keyboard.up('Control')
    await tab.page!.waitForFunction('window.copied === window.fix')
    await reach(`document.activeElement.textContent === 'Copy link…'`)
    await keyboard.press('Enter')
    await tab.page!.waitForFunction(`document.querySelector('dialog[open]')`)
    await keyboard.press('Escape')
    await tab.page!.waitForFunction(`!document.querySelector('dialog[open]')`)
    const visited = await tab.run<string[]>(
      `[...document.querySelectorAll('button, textarea, input, summary, a, [tabindex="0"]')].filter((each) => each.checkVisibility() && each.tabIndex >= 0).map((each) => each.id || each.textContent)`,
    )
    expect(visited.length).toBeGreaterThan(8)
  })

  it.each(['light', 'dark'] as const)('has no problem that axe-core finds: %s', async (theme) => {
    const tab = await scene.open()
    if (scene.name === 'chromium')
      await tab.page!.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
    else if (theme === 'dark') await tab.run(DARK)
    await tab.run(`{ ${axe()}; undefined }`)
    const check = async (state: string): Promise<void> => {
      const found = await tab.run<
        string[]
      >(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
      expect(found, state).toEqual([])
    }
    await check('empty')
    for (const title of ['Path encoded differently', CHANGED, 'Expired URL', 'Form not allowed by its policy']) {
      await tab.run(clickExample(title))
      await tab.run(`(() => { for (const each of document.querySelectorAll('details')) each.open = true })()`)
      await check(title)
    }
    await tab.run(`document.getElementById('share').click()`)
    await tab.page!.waitForFunction(`document.querySelector('dialog[open]')`)
    await check('link')
  })
})

/** Firefox cannot be switched by its driver: the rules for the dark are applied as if they had no condition. */
const DARK = `(() => {
  const sheet = document.styleSheets[0]
  const rule = [...sheet.cssRules].find((each) => each.conditionText?.includes('dark'))
  sheet.insertRule(rule.cssRules[0].cssText, sheet.cssRules.length)
})()`
