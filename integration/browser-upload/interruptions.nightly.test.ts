import { expect, it } from 'vitest'
import { IMPATIENT } from './driver.ts'
import { FILM, inEachBrowser, MiB, PICTURE, type Scene, until, useStage } from './stage.ts'

// Lost connections, failed parts, pauses, canceled uploads, and pages that close during an upload.

const stage = useStage()

/** Records all states that the page shows in `window.said`. */
const RECORDER = `window.said = []; addEventListener('DOMContentLoaded', () =>
  new MutationObserver(() => { for (const state of document.querySelectorAll('.state')) said.push(state.textContent) })
    .observe(document.querySelector('#uploads'), { subtree: true, childList: true, characterData: true }))`

const ONE_PART_IS_THERE = `document.querySelector('#uploads [data-part=done]')`

/** Uploads the film in parts over a slow connection, and waits until one part is stored. */
async function beginFilm(scene: Scene): Promise<void> {
  stage.line.speed = 6 * MiB
  await scene.driver.upload('multipart', 'axios', stage.path(FILM))
  await scene.driver.untilTrue(ONE_PART_IS_THERE)
}

/**
 * What the line lets through before a button is pressed. The kernel sends what it has buffered afterwards: at most 4 MiB
 * of each part, but much more on connections whose receiver has read a lot.
 */
const LITTLE = MiB / 4

/** Waits until buffered data has arrived. */
async function quiet(): Promise<void> {
  let since = Date.now()
  let sent = stage.line.sent()
  await until('no more data is sent', () => {
    if (stage.line.sent() !== sent) since = Date.now()
    sent = stage.line.sent()
    return Date.now() - since > 400
  })
}

const logged = (pattern: RegExp) => stage.s3.lines.filter((entry) => pattern.test(entry)).length
const partsStored = () => logged(/ 200 {2}PUT .*\?partNumber=\d+&uploadId/)
const uploadsBegun = () => logged(/ 200 {2}POST .*\?uploads/)

inEachBrowser(stage, (scene) => {
  it.each([
    ['put', 'axios'],
    ['post', 'axios'],
    ['put', 'fetch'],
  ] as const)('%s with %s: connection lost during the upload', async (way, client) => {
    const driver = await scene.open()
    stage.line.hold(60_000)
    const sent = stage.line.sent()
    await driver.upload(way, client, stage.path(PICTURE))
    await until('some of the file is sent', () => stage.line.sent() > sent + 60_000)
    stage.line.cut()
    stage.line.release()
    await scene.expectFailure(/connection to the storage service was lost.*not stored/)
    expect((await driver.seen()).progress).toBe(0)
    stage.line.restore()
    await driver.press('Try again')
    expect(await driver.until('done')).toMatchObject({ state: 'done', progress: 1 })
    await scene.expectStored(PICTURE, 'image/png')
  })

  it('put: the response is lost, but the file is stored', async () => {
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

  it('multipart: the response to the completion is lost, but the file is stored', async () => {
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

  it('multipart: not done before the completion is confirmed', async () => {
    const before = `{
      const real = window.fetch
      window.fetch = async (url, init) => {
        if (init?.method === 'POST' && /uploadId=/.test(url)) await new Promise((go) => { window.reply = go })
        return real(url, init)
      }
    }`
    const driver = await scene.open({ before })
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    await driver.untilTrue('window.reply')
    expect(await driver.seen()).toMatchObject({ state: 'finishing', link: '', parts: ['done', 'done', 'done'] })
    expect(await scene.added()).toEqual([])
    await driver.page.evaluate('reply()')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(FILM, 'video/mp4')
  })

  it('multipart: resumes after a lost connection', async () => {
    const driver = await scene.open({ before: IMPATIENT })
    await beginFilm(scene)
    stage.line.cut()
    await scene.expectFailure(/connection to the storage service was lost.*uploaded parts are kept/)
    expect((await driver.seen()).progress).toBeLessThan(1)
    expect(await scene.started()).toBe(1)
    const there = partsStored()
    stage.line.restore()
    stage.line.speed = undefined
    await driver.press('Try again')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    expect(partsStored() - there, 'parts sent again').toBeLessThan(3)
    await scene.expectStored(FILM, 'video/mp4')
    expect(await scene.started()).toBe(0)
  })

  it('multipart: a lost part is retried automatically', async () => {
    const driver = await scene.open({ before: RECORDER })
    stage.line.hold(3 * MiB)
    const sent = stage.line.sent()
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    await until('some of the file is sent', () => stage.line.sent() > sent + 3 * MiB)
    stage.line.cut()
    stage.line.release()
    // Browsers retry once without notifying the page.
    await driver.untilTrue('said.some((text) => /trying parts? .* again/.test(text))')
    stage.line.restore()
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(FILM, 'video/mp4')
  })

  it('multipart: a part that S3 rejects as busy is retried automatically', async () => {
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
    stage.line.hold(LITTLE)
    const sent = stage.line.sent()
    await driver.upload('multipart', 'axios', stage.path(FILM))
    await driver.untilTrue(`document.querySelector('#uploads progress').position > 0.05`)
    await driver.press('Pause')
    expect(await driver.until('paused')).toMatchObject({ state: 'paused', buttons: ['Resume', 'Cancel'], link: '' })
    expect(await driver.page.evaluate('document.activeElement.textContent')).toBe('Resume')
    stage.line.release()
    await quiet()
    expect(stage.line.sent() - sent, 'bytes sent before the pause').toBeLessThan(stage.bytes(FILM).length)
    expect(await scene.added()).toEqual([])
    await driver.press('Resume')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await scene.expectStored(FILM, 'video/mp4')
  })

  it.each(['put', 'multipart'] as const)('%s: cancel', async (way) => {
    const driver = await scene.open()
    stage.line.hold(LITTLE)
    const sent = stage.line.sent()
    await driver.upload(way, 'axios', stage.path(FILM))
    await until('some of the file is sent', () => stage.line.sent() > sent + LITTLE / 2)
    await driver.press('Cancel')
    stage.line.release()
    expect(await driver.until('canceled')).toMatchObject({ state: 'canceled', progress: 0, buttons: [], link: '' })
    expect(await driver.page.evaluate('document.activeElement.tagName')).toBe('H3')
    await quiet()
    expect(stage.line.sent() - sent, 'bytes sent before').toBeLessThan(stage.bytes(FILM).length)
    expect(await scene.added()).toEqual([])
    expect(await scene.started()).toBe(0)
  })

  it('multipart: cannot be canceled while offline, but afterwards', async () => {
    const driver = await scene.open()
    await beginFilm(scene)
    await driver.press('Pause')
    await driver.until('paused')
    stage.line.cut()
    await driver.press('Cancel')
    expect((await driver.until('failed')).text).toMatch(
      /^The upload was not canceled: The connection to the storage service was lost/,
    )
    stage.line.restore()
    await driver.press('Cancel')
    expect(await driver.until('canceled')).toMatchObject({ state: 'canceled', buttons: [] })
    expect(await scene.started()).toBe(0)
  })

  it('multipart: an upload of a closed page is resumed on a new one', async () => {
    await scene.open()
    await beginFilm(scene)
    await scene.driver.page.close()
    stage.line.speed = undefined
    expect(await scene.added()).toEqual([])
    const driver = await scene.open()
    expect(await driver.seen()).toMatchObject({ name: FILM, state: 'paused', buttons: ['Cancel'], link: '' })
    const started = uploadsBegun()
    await driver.upload('multipart', 'axios', stage.path(FILM))
    expect(await driver.until('done')).toMatchObject({ name: FILM, state: 'done' })
    expect(uploadsBegun()).toBe(started)
    await scene.expectStored(FILM, 'video/mp4')
    expect(await driver.page.evaluate(`document.querySelectorAll('#uploads > li').length`)).toBe(1)
  })

  it('multipart: an upload of a closed page is canceled on a new one', async () => {
    await scene.open()
    await beginFilm(scene)
    await scene.driver.page.close()
    stage.line.speed = undefined
    const driver = await scene.open()
    expect(await scene.started()).toBe(1)
    await driver.press('Cancel')
    expect(await driver.until('canceled')).toMatchObject({ state: 'canceled', buttons: [] })
    expect(await scene.started()).toBe(0)
    expect(await driver.page.evaluate('[document.activeElement.tagName, Object.keys(localStorage)]')).toEqual([
      'H3',
      [],
    ])
  })

  it.each([
    ['unknown to S3', `saved.uploadId = 'gone'`],
    ['unknown to the server', `saved.ticket = 'e30.' + 'A'.repeat(43)`],
  ])('multipart: an unfinished upload that is %s is restarted', async (_, change) => {
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
