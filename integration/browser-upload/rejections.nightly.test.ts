import { afterAll, beforeAll, expect, it } from 'vitest'
import { type App, startApp } from './app.ts'
import { changed, IMPATIENT, requesting } from './driver.ts'
import { FILM, HTML, inEachBrowser, LARGE, PICTURE, untilLogged, useStage } from './stage.ts'

// Uploads that are rejected: by the app's server, by the form, by S3, and by the final check.

const stage = useStage()
/** An app with short-lived signatures. */
let hasty: App
/** An app with short-lived tickets. */
let shortTickets: App

beforeAll(async () => {
  hasty = await startApp('', { ...stage.env, UPLOAD_EXPIRES: '3s' })
  shortTickets = await startApp('', { ...stage.env, UPLOAD_TICKET_EXPIRES: '3s' })
})

afterAll(async () => {
  await hasty?.stop()
  await shortTickets?.stop()
})

const CHANGED = /differs from the signed request/
const TURNED = `replace(/./g, (digit) => digit === '0' ? '1' : '0')`
/** Waits until the signature has expired: S3 rounds to seconds. */
const EXPIRE = (signed: string) =>
  `await new Promise((go) => setTimeout(go, new Date(${signed}.expiresAt) - Date.now() + 1500))`

inEachBrowser(stage, (scene) => {
  it.each([
    ['put', /25 MiB/],
    ['post', /10 MiB/],
  ] as const)('%s: too large', async (way, text) => {
    const driver = await scene.open()
    await driver.upload(way, 'axios', stage.path(LARGE))
    await scene.expectRejected(text)
  })

  it('post: too large, with a smaller size in the request', async () => {
    // The server receives a size of ten bytes. The form allows 10 MB, and is checked before anything is sent.
    const driver = await scene.open({ before: requesting('upload.size = 10') })
    const sent = stage.line.sent()
    await driver.upload('post', 'axios', stage.path(LARGE))
    await scene.expectFailure(/larger than allowed/, 'EntityTooLarge')
    expect(stage.line.sent()).toBe(sent)
  })

  it('post: too large, rejected by S3 only', async () => {
    const before = `Object.defineProperty(Blob.prototype, 'size', { get: () => 10 })`
    const driver = await scene.open({ before })
    const logged = stage.s3.lines.length
    await driver.upload('post', 'fetch', stage.path(LARGE))
    await scene.expectFailure(/larger than allowed/, 'EntityTooLarge')
    await untilLogged(stage, / 400 .*EntityTooLarge/, logged)
  })

  it('put: larger than signed', async () => {
    const driver = await scene.open({ before: requesting('upload.size = 10') })
    await driver.upload('put', 'axios', stage.path(PICTURE))
    await scene.expectFailure(CHANGED, 'SignatureDoesNotMatch')
  })

  it.each(['put', 'post', 'multipart'] as const)('%s: an unsupported type', async (way) => {
    const driver = await scene.open()
    await driver.upload(way, 'fetch', stage.path(HTML))
    await scene.expectRejected(/type text\/html are not accepted/)
  })

  it.each([
    `reply.put.headers['content-type'] = 'text/html'`,
    `reply.put.headers['x-amz-meta-name'] = 'other'`,
    `reply.put.headers['x-amz-meta-size'] = '1'`,
    `reply.put.url = reply.put.url.replace(/%20/, '%21')`,
  ])('put, tampered: %s', async (change) => {
    const driver = await scene.open({ before: changed('/api/uploads', change) })
    await driver.upload('put', 'axios', stage.path(PICTURE))
    await scene.expectFailure(CHANGED, 'SignatureDoesNotMatch')
  })

  it.each([
    ['key', `reply.post.fields.key += '.html'`],
    ['Content-Type', `reply.post.fields['Content-Type'] = 'text/html'`],
    ['x-amz-meta-name', `reply.post.fields['x-amz-meta-name'] = 'other'`],
  ])('post, tampered: %s', async (field, change) => {
    const driver = await scene.open({ before: changed('/api/uploads', change) })
    const sent = stage.line.sent()
    await driver.upload('post', 'axios', stage.path(PICTURE))
    await scene.expectFailure(new RegExp(`changed after signing: ${field} is different`, 'i'), 'AccessDenied')
    expect(stage.line.sent(), 'bytes sent to S3').toBe(sent)
  })

  it('post: changed in transit', async () => {
    const before = `{
      const real = window.fetch
      window.fetch = (url, init) => {
        if (init?.body instanceof FormData) init.body.set('x-amz-meta-name', 'other')
        return real(url, init)
      }
    }`
    const driver = await scene.open({ before })
    const logged = stage.s3.lines.length
    await driver.upload('post', 'fetch', stage.path(PICTURE))
    await scene.expectFailure(/changed after signing: x-amz-meta-name is different/, 'AccessDenied')
    await untilLogged(stage, / 403 {2}POST .*AccessDenied/, logged)
  })

  it('post: changed signature', async () => {
    const change = `reply.post.fields['x-amz-signature'] = reply.post.fields['x-amz-signature'].${TURNED}`
    const driver = await scene.open({ before: changed('/api/uploads', change) })
    await driver.upload('post', 'axios', stage.path(PICTURE))
    await scene.expectFailure(CHANGED, 'SignatureDoesNotMatch')
  })

  it('multipart: changed content type', async () => {
    const change = `reply.upload.create.headers['content-type'] = 'text/html'`
    const driver = await scene.open({ before: changed('/api/uploads', change) })
    await driver.upload('multipart', 'axios', stage.path(FILM))
    await scene.expectFailure(CHANGED, 'SignatureDoesNotMatch')
  })

  it('multipart: a part with a different length', async () => {
    const change = 'for (const part of reply.parts) part.end -= 1'
    const driver = await scene.open({ before: changed('/api/parts', change) })
    await driver.upload('multipart', 'axios', stage.path(FILM))
    await scene.expectFailure(CHANGED, 'SignatureDoesNotMatch')
  })

  it('multipart: a forged ticket', async () => {
    const change = `reply.ticket = 'e30.' + 'A'.repeat(43)`
    const driver = await scene.open({ before: changed('/api/uploads', change) })
    await driver.upload('multipart', 'axios', stage.path(FILM))
    await scene.expectFailure(/not started here/)
  })

  it.each(['put', 'post'] as const)('%s: expired', async (way) => {
    const before = changed('/api/uploads', EXPIRE(`reply.${way}`))
    const driver = await scene.open({ origin: hasty.origin, before })
    await driver.upload(way, 'axios', stage.path(PICTURE))
    await scene.expectFailure(/permission to upload has expired/, 'AccessDenied')
  })

  it('put: expires before it is sent, and is retried', async () => {
    const before = changed('/api/uploads', `if (!window.once) { window.once = true; ${EXPIRE('reply.put')} }`)
    const driver = await scene.open({ origin: hasty.origin, before })
    await driver.upload('put', 'axios', stage.path(PICTURE))
    await scene.expectFailure(/expired/, 'AccessDenied')
    await driver.press('Try again')
    expect(await driver.until('done')).toMatchObject({ state: 'done', code: '' })
  })

  it('multipart: expired parts are signed again', async () => {
    const wait = `if (reply.parts.length > 1) ${EXPIRE('reply.complete')}`
    const driver = await scene.open({ origin: hasty.origin, before: changed('/api/parts', wait) })
    const logged = stage.s3.lines.length
    await driver.upload('multipart', 'axios', stage.path(FILM))
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await untilLogged(stage, / 403 .*expired/i, logged)
  })

  it.each(['put', 'multipart'] as const)(
    '%s: the ticket expires during the upload, and Try again restarts it',
    async (way) => {
      const wait = 'if (!window.once) { window.once = true; await new Promise((go) => setTimeout(go, 3500)) }'
      const driver = await scene.open({ origin: shortTickets.origin, before: changed('/api/uploads', wait) })
      await driver.upload(way, 'axios', stage.path(PICTURE))
      expect(await driver.until('failed')).toMatchObject({
        ...{ state: 'failed', text: 'This upload has expired. Start it again.', link: '' },
        buttons: expect.arrayContaining(['Try again']),
      })
      await driver.press('Try again')
      expect(await driver.until('done')).toMatchObject({ state: 'done' })
    },
  )

  it('multipart: canceled after the ticket has expired', async () => {
    const driver = await scene.open({
      origin: shortTickets.origin,
      before: changed('/api/uploads', 'await new Promise((go) => setTimeout(go, 3500))'),
    })
    await driver.upload('multipart', 'axios', stage.path(PICTURE))
    await driver.until('failed')
    await driver.press('Cancel')
    expect(await driver.until('canceled')).toMatchObject({ state: 'canceled', buttons: [] })
    expect(await driver.page.evaluate('Object.keys(localStorage)')).toEqual([])
  })

  it('a file that differs from the request is deleted', async () => {
    // Everything is signed and stored, but the final check finds a different size.
    const driver = await scene.open({ before: requesting('upload.size = 300_000') })
    const logged = stage.s3.lines.length
    await driver.upload('post', 'fetch', stage.path(PICTURE))
    await scene.expectFailure(/differs from the requested one/)
    await untilLogged(stage, / 201 {2}POST /, logged)
  })

  it('multipart: a bucket that does not expose ETag', async () => {
    const before = `{
      const real = window.fetch
      window.fetch = async (url, init) => (/partNumber=/.test(url) ? new Response('') : real(url, init))
    }`
    const driver = await scene.open({ before })
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    await scene.expectFailure(/cannot read the ETag of parts/)
    await driver.press('Cancel')
    expect(await driver.until('canceled')).toMatchObject({ state: 'canceled' })
  })

  it('multipart: a completion with status 200 and an error is not done', async () => {
    const error = '<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>'
    const before = `${IMPATIENT}
    {
      const real = window.fetch
      window.fetch = async (url, init) =>
        init?.method === 'POST' && /uploadId=/.test(url) ? new Response(${JSON.stringify(error)}) : real(url, init)
    }`
    const driver = await scene.open({ before })
    await driver.upload('multipart', 'fetch', stage.path(FILM))
    await scene.expectFailure(/internal error/, 'InternalError')
    expect(await scene.started()).toBe(1)
    await driver.press('Cancel')
    expect(await driver.until('canceled')).toMatchObject({ state: 'canceled' })
    expect(await scene.started()).toBe(0)
  })
})
