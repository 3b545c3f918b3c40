import { describe, expect, it } from 'vitest'
import { KEY_ID, SECRET } from '../../../../../test/support/credentials.ts'
import { banner } from '../../../src/cli/output/banner.ts'
import type { RunningServer } from '../../../src/serve.ts'
import { credentials, start } from '../../support/serve/start.ts'

type Options = Parameters<typeof start>[0]

/** Starts a server and returns its banner. */
async function bannerOf(options: Options = {}): Promise<string[]> {
  const { server, stop } = await start({ ...options, credentials })
  await stop()
  return banner({ ...server, credentials, ...options } as RunningServer, options, 200)
}

describe('the banner', () => {
  it('contains the purpose of the server but no secret', async () => {
    const text = (await bannerOf()).join('\n')
    expect(text).toMatch(/for development and debugging, not for storage/i)
    expect(text).toContain(KEY_ID)
    expect(text).toContain('created by the first upload')
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('WARNING')
  })

  it('warns if the server is reachable from other machines', async () => {
    expect((await bannerOf({ host: '0.0.0.0' })).join('\n')).toMatch(/WARNING.*other machines/)
  })

  it('warns if pages of other sites are allowed and the secret is short', async () => {
    const short = { accessKeyId: KEY_ID, secretAccessKey: 'x'.repeat(15) }
    const long = { accessKeyId: KEY_ID, secretAccessKey: 'x'.repeat(16) }
    const isWarned = async (options: Options) =>
      /WARNING.*pages of other sites/.test((await bannerOf(options)).join('\n'))
    expect(await isWarned({ credentials: short })).toBe(false)
    expect(await isWarned({ credentials: short, cors: ['http://localhost:1', 'https://[::1]'] })).toBe(false)
    for (const origin of ['https://app.example', 'null', '*']) {
      expect(await isWarned({ credentials: short, cors: ['http://localhost', origin] })).toBe(true)
      expect(await isWarned({ credentials: long, cors: [origin] })).toBe(false)
    }
  })

  it('hides an odd access key ID, and escapes the region', async () => {
    const hostile = '\0\t\x1b]0;x\x07\x7f\x85\x9b31m\xad\u200b\u202e\u2066\u2028\u2029\ufeff\u{e0041}\ud800x\udfff'
    const escaped =
      '\\x00\\x09\\x1b]0;x\\x07\\x7f\\x85\\x9b31m\\xad\\u{200b}\\u{202e}\\u{2066}\\u{2028}\\u{2029}\\u{feff}\\u{e0041}\\u{d800}x\\u{dfff}'
    const odd = { accessKeyId: `ID${hostile}`, secretAccessKey: 'x' }
    const lines = await bannerOf({ credentials: odd, region: hostile })
    // an ID that looks like no ID may contain a secret
    expect(lines.filter((text) => text.includes(escaped))).toHaveLength(1)
    expect(lines.filter((text) => text.includes('[hidden]'))).not.toHaveLength(0)
    for (const text of lines) expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u)
  })
})
