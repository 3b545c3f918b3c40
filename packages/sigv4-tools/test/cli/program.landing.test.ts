import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { buildProgram, KEYS, type Setting, start, stopAll, temporary } from '../support/cli.ts'

// The program in a separate process: streams, signals, exit codes.

const OBJECT = ['s3://photos/cat.jpg', '--region', 'eu-west-1']
const CLEAN = { signal: null, stderr: '' }

let files: ReturnType<typeof temporary>
let program: string
beforeAll(async () => {
  files = temporary()
  program = await buildProgram(files.folder)
})
afterAll(() => {
  stopAll()
  files.remove()
})

const cli = (args: string[], setting: Setting = {}) => start(process.execPath, [program, ...args], setting)

describe('the built program', () => {
  it('is executable', async () => {
    expect(await start(program, ['--version']).ended).toEqual({ ...CLEAN, code: 0, stdout: '1.2.3\n' })
  })

  it('exits with 0 on success', async () => {
    const { code, stdout, stderr } = await cli(['presign', 'get', ...OBJECT]).ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^https:\/\/photos\.s3\.eu-west-1\.amazonaws\.com\/cat\.jpg\?\S+\n$/)
    for (const args of [
      ['--help'],
      ['help', 'serve'],
      ['sign', 'GET', 'https://sts.amazonaws.com/'],
      ['post', ...OBJECT],
    ])
      expect(await cli(args).ended).toMatchObject({ ...CLEAN, code: 0 })
    expect(await cli(['verify', stdout.trim()]).ended).toMatchObject({ ...CLEAN, code: 0 })
  })

  it('exits with 1 if a request is rejected', async () => {
    const { stdout } = await cli(['presign', 'get', ...OBJECT]).ended
    expect(await cli(['verify', `${stdout.trim()}0`]).ended).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Rejected: /),
    })
    const request = `GET / HTTP/1.1\r\nHost: example.com\r\n\r\n`
    expect(await cli(['verify'], { stdin: request }).ended).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Rejected: .*\n\n {2}error +AccessDenied \(status 403\)\n/),
    })
  })

  it.each([
    [[], KEYS],
    [['nonsense'], KEYS],
    [['presign', 'get', ...OBJECT], {}],
    [['verify'], KEYS],
    [['sign', 'GET', 'https://sts.amazonaws.com/', '--data-file', '/'], KEYS],
    [['serve', '--port', '99999'], KEYS],
    [['serve', '--dir', '/dev/null/x', '--port', '0'], KEYS],
  ])('exits with 2 on usage errors: %j', async (args, env) => {
    const { code, stdout, stderr } = await cli(args, { env }).ended
    expect([code, stdout]).toEqual([2, ''])
    if (args.length) expect(stderr).toMatch(/^sigv4-tools: [^\n]+[.?] See 'npx sigv4-tools [a-z -]*--help'\.\n$/)
    expect(stderr).not.toMatch(/\n\s+at |node:|Error:/)
  })

  it('exits quietly if its reader closes the pipe', async () => {
    // A pipe holds 64 KiB, and the headers are larger.
    const many = Array.from({ length: 3000 }, (_, i) => `-Hx-header-${i}: ${'x'.repeat(40)}`)
    const child = spawn(process.execPath, [program, 'sign', 'GET', 'https://sts.amazonaws.com/', ...many], {
      env: KEYS,
    })
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })))
    const size = await new Promise<number>((resolve) => {
      child.stdout.once('data', (data: Buffer) => {
        child.stdout.destroy()
        resolve(data.length)
      })
    })
    expect(size).toBeLessThan(140_000)
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(stderr).toBe('')
  })

  it('exits quietly in a pipeline', async () => {
    const many = Array.from({ length: 20 }, (_, i) => `-H 'x-header-${i}: ${'x'.repeat(10_000)}'`).join(' ')
    const line = `"${process.execPath}" "${program}" sign GET https://sts.amazonaws.com/ ${many} | head -n 1`
    const { code, stdout, stderr } = await start('bash', ['-s'], {
      stdin: `${line}; echo "\${PIPESTATUS[0]}" >&2`,
    }).ended
    expect([code, stderr]).toEqual([0, '0\n'])
    expect(stdout).toMatch(/^x-header-0: x+\n$/)
  })

  it('is stopped by Ctrl-C while it waits for input, without output', async () => {
    const child = spawn(process.execPath, [program, 'verify'], { env: KEYS, stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += data
      })
    const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })))
    await new Promise((resolve) => setTimeout(resolve, 300))
    child.kill('SIGINT')
    expect(await ended).toEqual({ code: null, signal: 'SIGINT' })
    expect(output).toBe('')
  })
})

describe('serve', () => {
  const running = /endpoint\s+(http:\/\/127\.0\.0\.1:\d+)/

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'accepts requests that the program signs, logs them, and exits on %s',
    async (signal) => {
      const server = cli(['serve', '--port', '0'])
      const [, url] = await server.until(running)
      const target = ['--endpoint', url!, '--region', 'us-east-1', '--curl']
      files.write('cat.jpg', 'a cat')
      const shell = async (command: string) => (await start('sh', ['-c', command], { cwd: files.folder }).ended).stdout
      expect(await shell((await cli(['presign', 'put', 's3://photos/cat.jpg', ...target]).ended).stdout)).toBe('')
      expect(await shell((await cli(['presign', 'get', 's3://photos/cat.jpg', ...target]).ended).stdout)).toBe('a cat')
      expect(
        (
          await start(
            'sh',
            ['-c', (await cli(['post', 's3://photos/user/', '--file', 'cat.jpg', ...target]).ended).stdout],
            { cwd: files.folder },
          ).ended
        ).code,
      ).toBe(0)
      await server.until(/ 204 {2}POST .*\/photos\/user\/cat\.jpg from a form/)
      const bucket = [`${url}/photos`, '--query', 'list-type=2', '--service', 's3', ...target.slice(2)]
      const signed = await cli(['sign', 'GET', ...bucket]).ended
      expect(await shell(signed.stdout)).toMatch(/<Key>cat\.jpg<\/Key>.*<Key>user\/cat\.jpg<\/Key>/s)
      const wrong = await cli(['presign', 'get', 's3://photos/cat.jpg', ...target], {
        env: { ...KEYS, AWS_SECRET_ACCESS_KEY: 'another' },
      }).ended
      expect(await shell(wrong.stdout)).toContain('<Code>SignatureDoesNotMatch</Code>')
      await server.until(/SignatureDoesNotMatch/)
      server.child.kill(signal)
      const { code, stdout, stderr } = await server.ended
      expect([code, stderr]).toEqual([0, 'Stopped.\n'])
      expect(stdout).toMatch(/ 200 {2}PUT .*\/photos\/cat\.jpg {2}signed by AKIDEXAMPLE/)
      expect(stdout).not.toContain(SECRET)
    },
  )

  it('generates credentials if there are none, and shows how to use them', async () => {
    const server = cli(['serve', '--port', '0', '--region', 'eu-west-1'], { env: {} })
    await server.until(/AWS SDK/)
    const [, url] = await server.until(running)
    const [, id] = await server.until(/export AWS_ACCESS_KEY_ID=(AKIA[A-Z2-7]{16})\n/)
    const [, secret] = await server.until(/export AWS_SECRET_ACCESS_KEY=([\w+/]{40})\n/)
    await server.until(/export AWS_REGION=eu-west-1\n/)
    const env = { AWS_ACCESS_KEY_ID: id!, AWS_SECRET_ACCESS_KEY: secret!, AWS_REGION: 'eu-west-1' }
    const [, line] = await server.until(/npx sigv4-tools (presign put [^\n]*) \| sh/)
    files.write('cat.jpg', 'a cat')
    const put = await cli(line!.split(' '), { env }).ended
    expect((await start('sh', ['-c', put.stdout], { cwd: files.folder }).ended).code).toBe(0)
    const { stdout } = await cli(['presign', 'get', 's3://photos/cat.jpg', '--endpoint', url!], { env }).ended
    expect(await (await fetch(stdout.trim())).text()).toBe('a cat')
    server.child.kill('SIGINT')
    expect((await server.ended).code).toBe(0)
  })

  it('keeps objects in a folder, up to a limit', async () => {
    const dir = join(files.folder, 'objects')
    const server = cli(['serve', '--port', '0', '--dir', dir, '--max-bytes', '10kB', '--host', '127.0.0.1'])
    const [, url] = await server.until(running)
    const put = async (body: string) => {
      const { stdout } = await cli(['presign', 'put', 's3://photos/x', '--endpoint', url!, '--region', 'r']).ended
      return (await fetch(stdout.trim(), { method: 'PUT', body })).status
    }
    expect(await put('x'.repeat(5_000))).toBe(200)
    expect(await put('x'.repeat(20_000))).toBeGreaterThanOrEqual(400)
    expect(existsSync(dir)).toBe(true)
    server.child.kill('SIGINT')
    await server.ended
  })

  it('reports in one line why it cannot start', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const { code, stderr } = await cli(['serve', '--port', String(port)]).ended
    expect([code, stderr]).toEqual([
      2,
      `sigv4-tools: port ${port} is in use. Pass a different --port, or 0 for any free port. See 'npx sigv4-tools serve --help'.\n`,
    ])
    taken.close()
    const host = await cli(['serve', '--port', '0', '--host', '192.0.2.1']).ended
    expect(host).toMatchObject({
      code: 2,
      stderr: `sigv4-tools: --host "192.0.2.1" is not an address of this machine. See 'npx sigv4-tools serve --help'.\n`,
    })
  })
})
