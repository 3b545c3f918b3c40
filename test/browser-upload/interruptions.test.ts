import { expect, it } from 'vitest'
import { FILM, inEachBrowser, MiB, PICTURE, type Scene, until, useStage } from './stage.ts'

// Lines that break, parts that fail, pauses, cancelled uploads, and pages that end before their uploads do.

const stage = useStage()

/** Keeps all that the page says of its uploads, in `window.said`. */
const RECORDER = `window.said = []; addEventListener('DOMContentLoaded', () =>
  new MutationObserver(() => { for (const state of document.querySelectorAll('.state')) said.push(state.textContent) })
    .observe(document.querySelector('#uploads'), { subtree: true, childList: true, characterData: true }))`

const ONE_PART_IS_THERE = `document.querySelector('#uploads [data-part=done]')`

/** Starts the upload of the film in parts, on a slow line, and waits until one part is there. */
async function beginFilm(scene: Scene): Promise<void> {
  stage.line.speed = 6 * MiB
  await scene.driver.upload('multipart', 'axios', stage.path(FILM))
  await scene.driver.untilTrue(ONE_PART_IS_THERE)
}

/** Waits until what was in buffers has arrived, and nothing else comes. */
async function quiet(): Promise<void> {
  let since = Date.now()
  let sent = stage.line.sent()
  await until('nothing goes over the line any more', () => {
    if (stage.line.sent() !== sent) since = Date.now()
    sent = stage.line.sent()
    return Date.now() - since > 400
  })
}

const logged = (pattern: RegExp) => stage.s3.lines.filter((entry) => pattern.test(entry)).length
const partsStored = () => logged(/PUT .*uploadId&partNumber {2}200/)
const uploadsBegun = () => logged(/\?uploads {2}200/)

inEachBrowser(stage, (scene) => {
  it.each([
    ['put', 'axios'],
    ['post', 'axios'],
    ['put', 'fetch'],
  ] as const)('%s with %s: offline in the middle', async (way, client) => {
    const driver = await scene.open()
    stage.line.speed = 100_000
    const sent = stage.line.sent()
    await driver.upload(way, client, stage.path(PICTURE))
    await until('some of the file is sent', () => stage.line.sent() > sent + 60_000)
    stage.line.cut()
    await scene.expectFailure(/connection to the storage was lost.*not stored/)
    expect((await driver.seen()).progress).toBe(0)
    stage.line.mend()
    stage.line.speed = undefined
    await driver.press('Try again')
    expect(await driver.until('done')).toMatchObject({ state: 'done', progress: 1 })
    await scene.expectStored(PICTURE, 'image/png')
  })

  it('put: the answer is lost, and the file is there', async () => {
    const before = `{
      const real = window.fetch
      window.fetch = async (url, init) => {
        const response = await real(url, init)
        if (init?.method === 'PUT') throw new TypeError('Failed to fetch')
        return response
      }
    }`
    const driver = await scene.open({ before })
    await driver.upload('put', 'fetch', stage.path(PICTURE))
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(PICTURE, 'image/png')
  })

  it('multipart: the answer to the completion is lost, and the file is there', async () => {
    const before = `{
      const real = window.fetch
      window.lost = 0
      window.fetch = async (url, init) => {
        const response = await real(url, init)
        if (init?.method === 'POST' && /uploadId=/.test(url) && !window.lost++) throw new TypeError('Failed to fetch')
        return response
      }
    }`
    const driver = await scene.open({ before })
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    expect(await driver.page.evaluate('lost')).toBe(2)
    await scene.expectStored(FILM, 'video/mp4')
  })

  it('multipart: not done before the completion is answered', async () => {
    const before = `{
      const real = window.fetch
      window.fetch = async (url, init) => {
        if (init?.method === 'POST' && /uploadId=/.test(url)) await new Promise((go) => { window.answer = go })
        return real(url, init)
      }
    }`
    const driver = await scene.open({ before })
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    await driver.untilTrue('window.answer')
    expect(await driver.seen()).toMatchObject({ state: 'finishing', link: '', parts: ['done', 'done', 'done'] })
    expect(await scene.added()).toEqual([])
    await driver.page.evaluate('answer()')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(FILM, 'video/mp4')
  })

  it('multipart: offline in the middle, and on again where it stopped', async () => {
    const driver = await scene.open()
    await beginFilm(scene)
    stage.line.cut()
    await scene.expectFailure(/connection to the storage was lost.*parts that arrived are kept/)
    expect((await driver.seen()).progress).toBeLessThan(1)
    expect(await scene.begun()).toBe(1)
    const there = partsStored()
    stage.line.mend()
    stage.line.speed = undefined
    await driver.press('Try again')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    expect(partsStored() - there, 'parts sent again').toBeLessThan(3)
    await scene.expectStored(FILM, 'video/mp4')
    expect(await scene.begun()).toBe(0)
  })

  it('multipart: a part that is lost is sent again by itself', async () => {
    const driver = await scene.open({ before: RECORDER })
    stage.line.speed = 6 * MiB
    const sent = stage.line.sent()
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    await until('some of the file is sent', () => stage.line.sent() > sent + 3 * MiB)
    stage.line.cut()
    // browsers try once more on their own, and the page knows nothing of it
    await driver.untilTrue('said.some((text) => /trying parts? .* again/.test(text))')
    stage.line.mend()
    stage.line.speed = undefined
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(FILM, 'video/mp4')
  })

  it('multipart: a part that S3 has no time for is sent again by itself', async () => {
    const busy = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
    const before = `{
      const real = window.fetch
      window.busy = 0
      window.fetch = async (url, init) =>
        /partNumber=2/.test(url) && window.busy++ < 2 ? new Response(${JSON.stringify(busy)}, { status: 503 }) : real(url, init)
    }`
    const driver = await scene.open({ before })
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    expect(await driver.page.evaluate('busy')).toBe(3)
    await scene.expectStored(FILM, 'video/mp4')
  })

  it('multipart: pause, resume', async () => {
    const driver = await scene.open()
    stage.line.speed = 8 * MiB
    const sent = stage.line.sent()
    await driver.upload('multipart', 'axios', stage.path(FILM))
    await driver.untilTrue(`document.querySelector('#uploads progress').position > 0.1`)
    await driver.press('Pause')
    expect(await driver.until('paused')).toMatchObject({ state: 'paused', buttons: ['Resume', 'Cancel'], link: '' })
    expect(await driver.page.evaluate('document.activeElement.textContent')).toBe('Resume')
    await quiet()
    expect(stage.line.sent() - sent, 'bytes sent before the pause').toBeLessThan(stage.bytes(FILM).length)
    expect(await scene.added()).toEqual([])
    stage.line.speed = undefined
    await driver.press('Resume')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(FILM, 'video/mp4')
  })

  it.each(['put', 'multipart'] as const)('%s: cancel', async (way) => {
    const driver = await scene.open()
    stage.line.speed = 8 * MiB
    const sent = stage.line.sent()
    await driver.upload(way, 'axios', stage.path(FILM))
    await until('some of the file is sent', () => stage.line.sent() > sent + MiB)
    await driver.press('Cancel')
    expect(await driver.until('cancelled')).toMatchObject({ state: 'cancelled', progress: 0, buttons: [], link: '' })
    expect(await driver.page.evaluate('document.activeElement.tagName')).toBe('H3')
    await quiet()
    expect(stage.line.sent() - sent, 'bytes sent before').toBeLessThan(stage.bytes(FILM).length)
    expect(await scene.added()).toEqual([])
    expect(await scene.begun()).toBe(0)
  })

  it('multipart: cannot be cancelled while offline, and can be afterwards', async () => {
    const driver = await scene.open()
    await beginFilm(scene)
    await driver.press('Pause')
    await driver.until('paused')
    stage.line.cut()
    await driver.press('Cancel')
    expect((await driver.until('failed')).text).toMatch(/^Not cancelled: The connection to the storage was lost/)
    stage.line.mend()
    await driver.press('Cancel')
    expect(await driver.until('cancelled')).toMatchObject({ state: 'cancelled', buttons: [] })
    expect(await scene.begun()).toBe(0)
  })

  it('multipart: left behind by a page that was closed, and resumed in another one', async () => {
    await scene.open()
    await beginFilm(scene)
    await scene.driver.page.close()
    stage.line.speed = undefined
    expect(await scene.added()).toEqual([])
    const driver = await scene.open()
    expect(await driver.seen()).toMatchObject({ name: FILM, state: 'paused', buttons: ['Cancel'], link: '' })
    const begun = uploadsBegun()
    await driver.upload('multipart', 'axios', stage.path(FILM))
    expect(await driver.until('done')).toMatchObject({ name: FILM, state: 'done' })
    expect(uploadsBegun()).toBe(begun)
    await scene.expectStored(FILM, 'video/mp4')
    expect(await driver.page.evaluate(`document.querySelectorAll('#uploads > li').length`)).toBe(1)
  })

  it('multipart: left behind, and cancelled in another page', async () => {
    await scene.open()
    await beginFilm(scene)
    await scene.driver.page.close()
    stage.line.speed = undefined
    const driver = await scene.open()
    expect(await scene.begun()).toBe(1)
    await driver.press('Cancel')
    expect(await driver.until('cancelled')).toMatchObject({ state: 'cancelled', buttons: [] })
    expect(await scene.begun()).toBe(0)
    expect(await driver.page.evaluate('[document.activeElement.tagName, Object.keys(localStorage)]')).toEqual([
      'H3',
      [],
    ])
  })

  it.each([
    ['S3 does not know', `saved.uploadId = 'gone'`],
    ['the server does not know', `saved.ticket = 'e30.' + 'A'.repeat(43)`],
  ])('multipart: left behind, but %s any more: begins anew', async (_, change) => {
    await scene.open()
    await beginFilm(scene)
    await scene.driver.press('Pause')
    await scene.driver.until('paused')
    stage.line.speed = undefined
    await scene.driver.page.evaluate(`for (const [key, text] of Object.entries(localStorage)) {
      const saved = JSON.parse(text)
      ${change}
      localStorage.setItem(key, JSON.stringify(saved))
    }`)
    await scene.driver.press('Resume')
    expect(await scene.driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(FILM, 'video/mp4')
  })
})
