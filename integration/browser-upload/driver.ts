import type { Browser, Page } from './browser.ts'

// The user's actions on the page, and what it shows.

export interface Seen {
  name: string
  state: string
  text: string
  /** The S3 error code, or an empty string. */
  code: string
  /** Between 0 and 1, or `null` if unknown. */
  progress: number | null
  buttons: string[]
  /** The URL of the stored object, or an empty string. */
  link: string
  parts: string[]
}

export interface Driver {
  page: Page
  choose(paths: string[]): Promise<void>
  upload(way: 'put' | 'post' | 'multipart', client: 'axios' | 'fetch', path: string): Promise<void>
  /** Returns the newest upload in the list. */
  seen(): Promise<Seen>
  /** Waits for a state of the newest upload. */
  until(state: string): Promise<Seen>
  /** Waits until a JavaScript expression is true. */
  untilTrue(source: string, timeout?: number): Promise<void>
  press(button: string): Promise<void>
}

const FIRST = '#uploads > li:first-child'

/** Opens a page. `before` is a script that runs before those of the page. */
export async function open(browser: Browser, url: string, before = ''): Promise<Driver> {
  const page = await browser.newPage()
  await page.setViewport({ width: 900, height: 1000 })
  const logged: string[] = []
  page.on('console', (event) => logged.push(event.text?.() ?? ''))
  page.on('pageerror', (event) => logged.push(event.message ?? ''))
  if (before) await page.evaluateOnNewDocument(before)
  await page.goto(url)
  const driver: Driver = {
    page,
    async choose(paths) {
      const label = await page.$('.pick-label')
      const [chooser] = await Promise.all([page.waitForFileChooser(), label!.click()])
      await chooser.accept(paths)
    },
    async upload(way, client, path) {
      await (await page.$(`input[value=${way}]`))!.click()
      await page.select('#client', client)
      await driver.choose([path])
      await (await page.$('button[type=submit]'))!.click()
      await page.waitForSelector(FIRST)
    },
    seen: () =>
      page.evaluate<Seen>(`(() => {
        const item = document.querySelector('${FIRST}'), bar = item.querySelector('progress')
        const shown = [...item.querySelectorAll('button')].filter((button) => button.checkVisibility())
        return {
          name: item.querySelector('h3').textContent,
          state: item.dataset.state,
          text: item.querySelector('.state').textContent,
          code: item.querySelector('.state code')?.textContent ?? '',
          progress: bar.position < 0 ? null : bar.position,
          buttons: shown.map((button) => button.textContent),
          link: item.querySelector('a')?.href ?? '',
          parts: [...item.querySelectorAll('.parts i')].map((cell) => cell.dataset.part ?? 'waiting'),
        }
      })()`),
    async until(state) {
      const ends = `[${JSON.stringify(state)}, 'done', 'failed', 'canceled']`
      await driver.untilTrue(`${ends}.includes(document.querySelector('${FIRST}').dataset.state)`)
      return driver.seen()
    },
    async untilTrue(source, timeout = 40_000) {
      await page.waitForFunction(source, { timeout, polling: 50 }).catch(async (error: Error) => {
        const uploads = await page.evaluate(`document.querySelector('#uploads').innerText`)
        const complaints = logged.map((line) => `\nlogged: ${line}`).join('')
        throw new Error(`Never true: ${source} (${error.message})\nThe page shows: ${uploads}${complaints}`)
      })
    },
    async press(button) {
      const labels = await page.evaluate<string[]>(
        `[...document.querySelectorAll('${FIRST} button')].map((button) => button.hidden ? '' : button.textContent)`,
      )
      const index = labels.indexOf(button)
      if (index < 0) throw new Error(`The buttons are ${labels}, without ${button}`)
      await (await page.$(`${FIRST} button:nth-of-type(${index + 1})`))!.click()
    },
  }
  return driver
}

/** A script that makes the page wait an eighth of the time before it tries again. */
export const IMPATIENT = `{
  const real = window.setTimeout
  window.setTimeout = (call, delay, ...more) => real(call, delay / 8, ...more)
}`

/** Returns a script that changes `upload`, the page's request to its server. */
export function requesting(change: string): string {
  return `{
    const real = window.fetch
    window.fetch = (path, init) => {
      if (path !== '/api/uploads') return real(path, init)
      const upload = JSON.parse(init.body)
      ${change}
      return real(path, { ...init, body: JSON.stringify(upload) })
    }
  }`
}

/** Returns a script that changes `reply`, a response of the page's server. It can be asynchronous. */
export function changed(path: string, change: string): string {
  return `{
    const real = window.fetch
    window.fetch = async (...question) => {
      const response = await real(...question)
      if (question[0] !== ${JSON.stringify(path)} || !response.ok) return response
      const reply = await response.json()
      ${change}
      return new Response(JSON.stringify(reply), { status: 200, headers: { 'content-type': 'application/json' } })
    }
  }`
}
