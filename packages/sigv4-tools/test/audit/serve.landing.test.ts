import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fill } from '../../../../suite/format/fill.ts'
import type { Group, Setting, Test } from '../../../../suite/format/format.ts'
import { NODE_HASHES } from '../../../../suite/format/hashes.ts'
import { GROUPS } from '../../../../suite/test/files.ts'
import { type RunningServer, serve } from '../../src/serve.ts'

// serve accepts and rejects what the suite says, with fresh requests over a socket.

const LIVE = ['s3-header', 's3-presigned', 's3-target', 's3-body', 's3-chunks', 's3-post', 's3-session']

/** Tests with a code that differs from S3's, and the reason. */
const KNOWN: Readonly<Record<string, string>> = {
  'header/changed-host':
    'serve rejects hosts other than its own first, so that no page reaches it under a different name',
  'presigned/changed-host':
    'serve rejects hosts other than its own first, so that no page reaches it under a different name',
  'target/form-no-slash': "Node's parser rejects the target",
}

interface Response {
  readonly status: number
  readonly code: string | undefined
  readonly body: string
}

let server: Pick<RunningServer, 'url' | 'close'>
const now = Math.floor(Date.now() / 1000)

beforeAll(async () => {
  const keys = new Map(GROUPS.map(({ setting }) => [setting.accessKeyId, setting]))
  server = await serve({
    region: 'us-east-1',
    now: () => now * 1000,
    credentials: (id) => {
      const found = keys.get(id)
      return (
        found && {
          accessKeyId: id,
          secretAccessKey: found.secretAccessKey,
          ...(found.sessionToken && { sessionToken: found.sessionToken }),
        }
      )
    },
  })
})

afterAll(() => server?.close())

function settingOf({ setting }: Group, id: string): Setting {
  const host = new URL(server.url).host
  return { ...setting, host, bucket: 'suite', path: '/suite', prefix: `${id.replaceAll('/', '-')}/` }
}

async function send(bytes: string): Promise<Response> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.setEncoding('latin1')
  socket.on('error', () => {}) // a server may close before it has read everything
  socket.write(bytes, 'latin1')
  let text = ''
  for await (const piece of socket) text += piece
  const [, status = '0'] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? []
  return {
    status: Number(status),
    code: /<Code>(\w+)</.exec(text)?.[1],
    body: text.slice(text.indexOf('\r\n\r\n') + 4),
  }
}

const CONTROLS = GROUPS.find(({ id }) => id === 's3-header')!

/** Sends a valid request of the suite for a different key, and with a different body. */
function sendControl({ path, prefix }: Setting, id: string, key: string, body = ''): Promise<Response> {
  const { sign, send: text } = CONTROLS.tests.find((test) => test.id === id)!
  const replace = (text: string): string => text.replaceAll(/up\.txt|read\.txt/g, key).replace('written', body)
  const steps = sign.map((step) => ('text' in step ? { ...step, text: replace(step.text) } : step))
  const setting = { ...settingOf(CONTROLS, id), path, prefix }
  return send(fill({ sign: steps }, replace(text!), setting, now, NODE_HASHES))
}

for (const group of GROUPS.filter(({ id }) => LIVE.includes(id)))
  describe(group.id, () => {
    it.each(
      group.tests.filter(({ live, send }) => live !== false && send).map((test): [string, Test] => [test.id, test]),
    )('%s', async (id, test) => {
      const setting = settingOf(group, id)
      for (const { key, body } of group.objects)
        expect(await sendControl(setting, 'header/put', key, body)).toMatchObject({ status: 200 })
      const response = await send(fill(test, test.send!, setting, now, NODE_HASHES))
      const isAccepted = response.status >= 200 && response.status < 400
      expect(response.status, response.body).toBeGreaterThan(0)
      expect(response.status, response.body).toBeLessThan(500)
      if (test.result !== 'acceptable')
        expect(isAccepted, `${test.comment}: ${response.status} ${response.code}`).toBe(test.result === 'valid')
      if (test.result === 'invalid' && !/^(?:GET|HEAD) /.test(test.send!)) {
        // nothing was stored, and nothing replaced
        expect((await sendControl(setting, 'header/get', 'up.txt')).status).toBe(404)
        for (const { key, body } of group.objects)
          expect(await sendControl(setting, 'header/get', key)).toMatchObject({ status: 200, body })
      }
      if (isAccepted || !test.aws || test.id in KNOWN) return
      const { status = response.status, code = response.code } = test.aws
      const isHead = response.body === ''
      expect([response.status, response.code]).toEqual([status, isHead ? response.code : code])
    })
  })
