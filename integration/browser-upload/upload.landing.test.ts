import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../servers/install.ts'
import { FOLDER } from './app.ts'
import { findBrowser } from './browser.ts'
import { BROWSERS, FILM, inEachBrowser, MiB, PICTURE, POSTER, useStage, WAYS } from './stage.ts'

// The app in real browsers: each upload method, and the stored object. Failures are in rejections.nightly.test.ts
// and interruptions.nightly.test.ts.

const stage = useStage()

for (const name of BROWSERS)
  it(`${name} is installed`, ({ skip }) => {
    if (findBrowser(name)) return
    if (process.env.CI === 'true') throw new Error(`${name} is not installed`)
    console.log(`NOT RUN: the upload app in ${name}, which is not installed`)
    skip()
  })

it('the app compiles, page and server', async () => {
  const tsc = join(FOLDER, 'node_modules/typescript/lib/tsc.js')
  const { status, output } = await run(process.execPath, [tsc, '-p', FOLDER])
  expect(output).toBe('')
  expect(status).toBe(0)
})

inEachBrowser(stage, (scene) => {
  for (const client of ['axios', 'fetch'] as const)
    for (const [way, file, type] of WAYS)
      it(`${way} with ${client} stores the unchanged file`, async () => {
        const driver = await scene.open()
        await driver.upload(way, client, stage.path(file))
        const seen = await driver.until('done')
        expect(seen).toMatchObject({ name: file, state: 'done', progress: 1, buttons: [] })
        await scene.expectStored(file, type)
        const response = await fetch(seen.link)
        expect(Buffer.from(await response.arrayBuffer()).equals(stage.bytes(file))).toBe(true)
        expect(response.headers.get('content-disposition')).toContain(encodeURIComponent(file.split(' ')[0]!))
        expect(await scene.started()).toBe(0)
      })

  it.each(WAYS)('%s works in an insecure context', async (way, file, type) => {
    const driver = await scene.open({ origin: stage.insecure })
    expect(await driver.page.evaluate('[isSecureContext, typeof crypto.subtle]')).toEqual([false, 'undefined'])
    await driver.upload(way, 'axios', stage.path(file))
    expect(await driver.until('done')).toMatchObject({ name: file, state: 'done' })
    await scene.expectStored(file, type)
  })

  it.each(['put', 'post'] as const)('%s shows progress', async (way) => {
    const driver = await scene.open()
    stage.line.hold(MiB / 4)
    await driver.upload(way, 'axios', stage.path(POSTER))
    await driver.untilTrue(
      `[document.querySelector('#uploads progress').position].some((position) => position > 0 && position < 1)`,
    )
    stage.line.release()
    expect(await driver.until('done')).toMatchObject({ state: 'done', progress: 1 })
  })

  it('parts are uploaded in parallel, and their progress is shown', async () => {
    const driver = await scene.open()
    stage.line.speed = 12 * MiB
    await driver.upload('multipart', 'axios', stage.path(FILM))
    await driver.untilTrue(`document.querySelectorAll('#uploads [data-part=sending]').length > 1`)
    await driver.untilTrue(`document.querySelector('#uploads progress').position > 0.1`)
    stage.line.speed = undefined
    expect(await driver.until('done')).toMatchObject({ state: 'done', parts: ['done', 'done', 'done'] })
  })

  it('uploads several files at once', async () => {
    const driver = await scene.open()
    await driver.choose([stage.path(PICTURE), stage.path(FILM)])
    await (await driver.page.$('button[type=submit]'))!.click()
    await driver.untilTrue(`document.querySelectorAll('#uploads > [data-state=done]').length === 2`)
    expect((await scene.added()).filter((key) => key.startsWith('files/'))).toHaveLength(2)
  })

  it('reports that no file was chosen', async () => {
    const driver = await scene.open()
    await (await driver.page.$('button[type=submit]'))!.click()
    await driver.untilTrue(`document.querySelector('#problem').textContent === 'Choose a file first.'`)
    expect(await driver.page.evaluate('document.activeElement.id')).toBe('file')
  })
})
