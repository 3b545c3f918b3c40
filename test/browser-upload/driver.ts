import type { Browser, Page } from './browser.ts'

// What a user does with the page, and sees of it.

export interface Seen {
  name: string
  state: string
  text: string
  /** What S3 calls a failure; empty if there is none. */
  code: string
  /** From 0 to 1; `null` if nobody knows. */
  progress: number | null
  buttons: string[]
  /** Where what was stored can be opened; empty while nothing is. */
  link: string
  parts: string[]
}

export interface Driver {
  page: Page
  choose(paths: string[]): Promise<void>
  upload(way: 'put' | 'post' | 'multipart', client: 'axios' | 'fetch', path: string): Promise<void>
  /** The newest upload of the list. */
  seen(): Promise<Seen>
  /** Waits until the newest upload is so. */
  until(state: string): Promise<Seen>
  /** Waits for an expression of JavaScript. */
  untilTrue(source: string, timeout?: number): Promise<void>
  press(button: string): Promise<void>
}

const FIRST = '#uploads > li:first-child'

/** Opens a page; everything that it logs as an error is kept. */
export async function open(browser: Browser, url: string, before = ''): Promise<Driver> {
  const page = await browser.newPage()
  await page.setViewport({ width: 900, height: 1000 })
  // the last page's unfinished uploads are not this one's, unless it is said
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
      const ends = `[${JSON.stringify(state)}, 'done', 'failed', 'cancelled']`
      await driver.untilTrue(`${ends}.includes(document.querySelector('${FIRST}').dataset.state)`)
      return driver.seen()
    },
    async untilTrue(source, timeout = 40_000) {
      await page.waitForFunction(source, { timeout, polling: 50 })
    },
    async press(button) {
      const labels = await page.evaluate<string[]>(
        `[...document.querySelectorAll('${FIRST} button')].map((button) => button.hidden ? '' : button.textContent)`,
      )
      const index = labels.indexOf(button)
      if (index < 0) throw new Error(`There is no button ${button}, but ${labels}`)
      await (await page.$(`${FIRST} button:nth-of-type(${index + 1})`))!.click()
    },
  }
  return driver
}

/** A script for a page: changes what its server answers to a question, and may wait before the page gets it. */
export function changed(path: string, change: string, wait = 0): string {
  return `{
    const real = window.fetch
    window.fetch = async (...question) => {
      const response = await real(...question)
      if (question[0] !== ${JSON.stringify(path)} || !response.ok) return response
      const answer = await response.json()
      ${change}
      await new Promise((resolve) => setTimeout(resolve, ${wait}))
      return new Response(JSON.stringify(answer), { status: 200, headers: { 'content-type': 'application/json' } })
    }
  }`
}
