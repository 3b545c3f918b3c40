import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { changed, type Driver } from './driver.ts'
import { FILM, HTML, inEachBrowser, MiB, PICTURE, useStage } from './stage.ts'

// Accessibility of the page: keyboard, screen readers, small screens, light and dark color schemes.

const stage = useStage()

/** Returns the accessibility violations that axe finds. */
async function violations({ page }: Driver): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(`{ ${axe}; undefined }`)
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
}

/** The states of the page, and how to reach them. */
const STATES: Record<string, (driver: Driver) => Promise<unknown>> = {
  idle: async () => {},
  'no file chosen': async ({ page, untilTrue }) => {
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
  'rejected by S3': async (driver) => {
    await driver.upload('put', 'axios', stage.path(PICTURE))
    await driver.until('failed')
  },
  canceled: async (driver) => {
    await STATES.uploading!(driver)
    await driver.press('Cancel')
    await driver.until('canceled')
  },
  unfinished: async (driver) => {
    await STATES.paused!(driver)
    await driver.page.reload()
    await driver.page.waitForSelector('#uploads > li')
  },
  done: async (driver) => {
    await driver.upload('post', 'axios', stage.path(PICTURE))
    await driver.until('done')
  },
}
const TAMPERED = changed('/api/uploads', `reply.put.headers['x-amz-meta-name'] = 'other'`)

inEachBrowser(stage, (scene, name) => {
  it.each(Object.keys(STATES))('axe finds no violations: %s', async (state) => {
    const driver = await scene.open(state === 'rejected by S3' ? { before: TAMPERED } : {})
    await STATES[state]!(driver)
    expect(await violations(driver)).toEqual([])
    if (name === 'firefox') return // It does not support a dark color scheme.
    await driver.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    expect(await violations(driver), 'with a dark color scheme').toEqual([])
  })

  it('works with the keyboard alone and announces progress to screen readers', async () => {
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
    await driver.untilTrue(`document.querySelector('[role=status]').textContent.includes('Uploaded and verified')`)
  })

  it('shows the focused control', async () => {
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

  it.each(['done', 'paused', 'rejected by S3'])('fits a small screen: %s', async (state) => {
    const driver = await scene.open(state === 'rejected by S3' ? { before: TAMPERED } : {})
    await driver.page.setViewport({ width: 320, height: 640 })
    await STATES[state]!(driver)
    const tooWide = `[...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > 320)
      .map((each) => each.outerHTML.slice(0, 100))`
    expect(await driver.page.evaluate(tooWide)).toEqual([])
  })
})
