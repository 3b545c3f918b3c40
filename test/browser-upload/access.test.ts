import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { changed, type Driver } from './driver.ts'
import { FILM, HTML, inEachBrowser, MiB, PICTURE, useStage } from './stage.ts'

// The page for all who use it: by keyboard, with a screen reader, on a small screen, in light and dark.

const stage = useStage()

/** What axe finds wrong in the page as it is now. */
async function violations({ page }: Driver): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(`{ ${axe}; undefined }`)
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
}

/** Each state of the page, and how to get there. */
const STATES: Record<string, (driver: Driver) => Promise<unknown>> = {
  idle: async () => {},
  'no file': async ({ page, untilTrue }) => {
    await (await page.$('button[type=submit]'))!.click()
    await untilTrue(`document.querySelector('#problem').textContent`)
  },
  chosen: ({ choose }) => choose([stage.path(PICTURE)]),
  uploading: async (driver) => {
    stage.line.speed = 4 * MiB
    await driver.upload('multipart', 'axios', stage.path(FILM))
    await driver.untilTrue(`document.querySelector('#uploads progress').position > 0.05`)
  },
  paused: async (driver) => {
    await STATES.uploading!(driver)
    await driver.press('Pause')
    await driver.until('paused')
  },
  retrying: async (driver) => {
    await STATES.uploading!(driver)
    stage.line.cut()
    await driver.untilTrue(`document.querySelector('#uploads [data-part=failed]')`)
  },
  refused: async (driver) => {
    await driver.upload('put', 'axios', stage.path(HTML))
    await driver.until('failed')
  },
  'refused by S3': async (driver) => {
    await driver.upload('put', 'axios', stage.path(PICTURE))
    await driver.until('failed')
  },
  cancelled: async (driver) => {
    await STATES.uploading!(driver)
    await driver.press('Cancel')
    await driver.until('cancelled')
  },
  'left behind': async (driver) => {
    await STATES.paused!(driver)
    await driver.page.reload()
    await driver.page.waitForSelector('#uploads > li')
  },
  done: async (driver) => {
    await driver.upload('post', 'axios', stage.path(PICTURE))
    await driver.until('done')
  },
}
const TAMPERED = changed('/api/uploads', `answer.put.headers['x-amz-meta-name'] = 'other'`)

inEachBrowser(stage, (scene, name) => {
  it.each(Object.keys(STATES))('axe finds nothing wrong: %s', async (state) => {
    const driver = await scene.open(state === 'refused by S3' ? { before: TAMPERED } : {})
    await STATES[state]!(driver)
    expect(await violations(driver)).toEqual([])
    if (name === 'firefox') return // cannot be told to be dark
    await driver.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    expect(await violations(driver), 'in the dark').toEqual([])
  })

  it('can be used by keyboard alone, and tells screen readers', async () => {
    const driver = await scene.open()
    const { page } = driver
    await page.evaluate('document.querySelector("input[name=way]:checked").focus()')
    await page.keyboard.press('ArrowDown')
    expect(await page.evaluate('document.querySelector("input[name=way]:checked").value')).toBe('post')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('file')
    await driver.choose([stage.path(PICTURE)])
    await page.evaluate('document.querySelector("#file").focus()')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('client')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.type')).toBe('submit')
    await page.keyboard.press('Enter')
    await driver.until('done')
    await driver.untilTrue(`document.querySelector('[role=status]').textContent.includes('Uploaded and checked')`)
  })

  it('shows where the focus is', async () => {
    const driver = await scene.open()
    await STATES.uploading!(driver)
    await driver.page.evaluate('document.querySelector("input[name=way]:checked").focus()')
    await driver.page.keyboard.press('ArrowUp')
    const seen = new Set<string>()
    for (let count = 0; count < 6; count++) {
      const [control, outline] = await driver.page.evaluate<[string, string]>(`(() => {
        const control = document.activeElement
        const boxes = [control, control.parentElement, control.previousElementSibling].filter(Boolean).map(getComputedStyle)
        const outlined = boxes.some(({ outlineStyle, outlineWidth }) => outlineStyle === 'solid' && outlineWidth === '3px')
        return [control.id || control.textContent || control.type, outlined ? 'seen' : 'not seen']
      })()`)
      expect(outline, control).toBe('seen')
      seen.add(control)
      await driver.page.keyboard.press('Tab')
    }
    expect([...seen]).toEqual(['radio', 'file', 'client', 'Upload', 'Pause', 'Cancel'])
  })

  it.each(['done', 'paused', 'refused by S3'])('fits a small screen: %s', async (state) => {
    const driver = await scene.open(state === 'refused by S3' ? { before: TAMPERED } : {})
    await driver.page.setViewport({ width: 320, height: 640 })
    await STATES[state]!(driver)
    const tooWide = `[...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > 320)
      .map((each) => each.outerHTML.slice(0, 100))`
    expect(await driver.page.evaluate(tooWide)).toEqual([])
  })
})
