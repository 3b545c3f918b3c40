import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Received, receivedKey } from '../../../../../test/support/service.ts'
import { character } from '../../../../../test/support/unicode.ts'
import { quote } from '../../../src/cli/output/curl.ts'
import { errorOf, record, run, start, succeed, temporary, verified } from '../../support/cli.ts'

// Runs the commands of --curl in a shell: the received request must be the signed one.

let server: Awaited<ReturnType<typeof record>>
let files: ReturnType<typeof temporary>
beforeAll(async () => {
  server = await record()
  files = temporary()
})
afterAll(async () => {
  await server.stop()
  files.remove()
})

/** Runs commands in a shell, and returns the received requests. */
async function sendAll(calls: readonly string[][], shell = 'sh'): Promise<Received[]> {
  const commands = await Promise.all(calls.map((args) => succeed([...args, '--curl'])))
  const script = files.write('script', `set -e\n${commands.join('')}`)
  const { code, stderr } = await start(shell, [script], { cwd: files.folder }).ended
  if (code !== 0 || /warning/i.test(stderr)) throw new Error(`${code}: ${commands.join('')}\n${stderr}`)
  const requests = server.requests.splice(0)
  expect(requests).toHaveLength(calls.length)
  return requests
}

async function send(args: string[]): Promise<Received> {
  const [request] = await sendAll([args])
  return request!
}

const here = (): string[] => ['--endpoint', server.url, '--region', 'us-east-1']

/** Names that shells, curl or URL parsers could misinterpret. */
const AWKWARD = [
  'cat.jpg',
  "it's.txt",
  'a b',
  '$HOME `id` $(id) $x',
  '"double" \\back\\slash',
  'semi;colon,comma',
  '[1-3]{a,b}',
  '-dash',
  '--help',
  '-',
  '@at',
  '~tilde',
  '#hash?mark&and=100%',
  '!bang *star',
  'Ü→🐈',
  "'''",
]

describe('curl', () => {
  it.each(['get', 'head', 'delete'])('sends a presigned %s', async (method) => {
    const calls = AWKWARD.map((key) => [
      ...['presign', method, `s3://photos/${key}`, ...here(), '-H', `x-amz-meta-a: it's "$5"`],
    ])
    for (const [i, received] of (await sendAll(calls)).entries()) {
      const key = AWKWARD[i]
      expect(received.method).toBe(method.toUpperCase())
      expect(receivedKey(received, '/photos/')).toBe(key)
      expect(verified(received).signedHeaders).toEqual(['host', 'x-amz-meta-a'])
    }
  })

  it.each(['sh', 'bash'])('uploads the file with the name of the key, from %s', async (shell) => {
    for (const key of AWKWARD) files.write(key, `this is ${key}`)
    const calls = AWKWARD.map((key) => [
      ...['presign', 'put', `s3://photos/some/${key}`, ...here(), '--content-type', "a/b; c='d'"],
    ])
    for (const [i, received] of (await sendAll(calls, shell)).entries()) {
      const key = AWKWARD[i]
      expect(received.method).toBe('PUT')
      expect(receivedKey(received, '/photos/some/')).toBe(key)
      expect(received.body.toString()).toBe(`this is ${key}`)
      verified(received)
    }
  })

  it('uploads and saves the file in --file', async () => {
    files.write('-other file', 'content')
    const put = await send([
      'presign',
      'put',
      's3://photos/x/',
      ...here(),
      '--file=-other file',
      '--content-length',
      '7',
    ])
    expect([put.method, put.body.toString()]).toEqual(['PUT', 'content'])
    verified(put)
    await send(['presign', 'get', 's3://photos/x', ...here(), '--file=-saved [1]'])
    expect(readFileSync(join(files.folder, '-saved [1]'), 'utf8')).toBe('fine\n')
    expect(await succeed(['presign', 'put', 's3://photos/x/', ...here(), '--curl'])).toContain("--data-binary '@FILE' ")
    const bucket = await send(['sign', 'PUT', `${server.url}/photos`, '--service=s3', '--region=us-east-1'])
    expect([bucket.method, bucket.target, bucket.body.length]).toEqual(['PUT', '/photos', 0])
    verified(bucket)
  })

  it('uploads to a URL, with the last segment of its path as the file name', async () => {
    files.write('ä b', 'content')
    const received = await send(['presign', 'put', `${server.url}/photos/%C3%A4%20b?x=1`, '--service=s3', '--region=r'])
    expect(received.body.toString()).toBe('content')
    verified(received)
  })

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])(
    'sends a signed %s without a body',
    async (method) => {
      const received = await send([
        'sign',
        method,
        's3://photos/a b',
        ...here(),
        '-H',
        'x-empty:',
        '-H',
        "x-b:  it's  ",
      ])
      expect(received.method).toBe(method)
      expect(Object.fromEntries(received.headers)).toMatchObject({ 'x-empty': '', 'x-b': "it's" })
      expect(received.headers.map(([name]) => name.toLowerCase())).not.toContain('content-type')
      expect(verified(received).signedHeaders).toEqual(['host', 'x-amz-content-sha256', 'x-amz-date', 'x-b', 'x-empty'])
    },
  )

  it('sends a body unchanged', async () => {
    const strings = ['{"a": "it\'s $HOME"}', '@file', '', '-x', 'two\nlines\r\n', 'é', '&a=b', '\\n `id`']
    const cases = strings.flatMap((text) => ['POST', 'PUT', 'GET'].map((method) => [method, text] as const))
    const calls = cases.map(([method, text]) => ['sign', method, 's3://photos/x', ...here(), `--data=${text}`])
    for (const [i, received] of (await sendAll(calls)).entries()) {
      expect([received.method, received.body.toString()]).toEqual(cases[i])
      expect(received.headers.map(([name]) => name.toLowerCase())).not.toContain('content-type')
      verified(received)
    }
  })

  it('sends a file unchanged', async () => {
    const bytes = Buffer.from([0, 13, 10, 255, 39, 34, 0])
    const names = AWKWARD.filter((name) => name !== '-')
    const calls = names.map((name) => {
      const path = files.write(name, bytes)
      return ['sign', 'PUT', 's3://photos/x', ...here(), '--data-file', path, '--content-type', 'a/b']
    })
    for (const received of await sendAll(calls)) {
      expect(received.body.equals(bytes)).toBe(true)
      verified(received)
    }
  })

  it('sends standard input as the body', async () => {
    const { stdout } = await run(['sign', 'PUT', 's3://photos/x', ...here(), '--data-file', '-', '--curl'], {
      stdin: 'tøxt',
    })
    const { code } = await start('sh', ['-c', stdout], { stdin: 'tøxt' }).ended
    expect(code).toBe(0)
    expect(verified(server.take()).payloadHash).toMatch(/^[\da-f]{64}$/)
  })

  it('supports other services', async () => {
    const args = [
      'POST',
      `${server.url}/a/../b%20c?x=1&y=[]{}`,
      '--service',
      'execute-api',
      '--region',
      'r',
      '-d',
      '{}',
    ]
    const received = await send(['sign', ...args, '-H', 'content-type: application/json'])
    expect(received.body.toString()).toBe('{}')
    verified(received, 'other')
  })

  it('sends a form with its file', async () => {
    const names = AWKWARD.filter((name) => name !== '-')
    const calls = names.map((name) => {
      files.write(name, `this is ${name}`)
      return [
        ...['post', 's3://photos/user/', ...here(), '--max-size', '1MB', '--file', `./${name}`],
        ...['--field', "x-amz-meta-a=@it's <b>; $HOME", '--content-type', 'text/plain'],
      ]
    })
    for (const [i, received] of (await sendAll(calls)).entries()) {
      const name = names[i]
      expect([received.method, received.target]).toEqual(['POST', '/photos/'])
      const type = received.headers.find(([header]) => header.toLowerCase() === 'content-type')![1]
      const form = await new Response(new Uint8Array(received.body), { headers: { 'content-type': type } }).formData()
      const fields = [...form]
      expect(fields.at(-1)![0]).toBe('file')
      expect(form.get('x-amz-meta-a')).toBe("@it's <b>; $HOME")
      expect(form.get('key')).toBe(`user/\${filename}`)
      expect(form.get('Content-Type')).toBe('text/plain')
      const file = form.get('file') as File
      expect(await file.text()).toBe(`this is ${name}`)
    }
  })

  it('uses the name of the key for a form, too', async () => {
    files.write('cat.jpg', 'cat')
    const received = await send(['post', 's3://photos/user/cat.jpg', ...here()])
    expect(received.body.toString('latin1')).toMatch(/filename="cat\.jpg"\r\n[\s\S]*\r\n\r\ncat\r\n/)
    expect(await succeed(['post', 's3://photos/user/', ...here(), '--curl'])).toContain(`'file=@"FILE"'`)
    const typed = ['--content-type', 'image/', '--field', 'Content-Type=image/png']
    expect((await send(['post', 's3://photos/cat.jpg', ...here(), ...typed])).body.toString('latin1')).toContain(
      '\r\n\r\nimage/png\r\n',
    )
  })

  it('does not allow command injection', async () => {
    expect(await errorOf(['presign', 'get', 's3://photos/x', ...here(), '--curl', '--json'])).toMatch(
      /^--json and --curl/,
    )
    await run(['presign', 'put', "s3://photos/x'; touch pwned; '", ...here(), '--curl']).then(
      ({ stdout }) => start('sh', ['-c', stdout], { cwd: files.folder }).ended,
    )
    server.requests.length = 0
    expect(existsSync(join(files.folder, 'pwned'))).toBe(false)
  })
})

describe('quoting', () => {
  it('preserves every string', async () => {
    // No NUL, because arguments cannot contain it.
    const strings = fc.sample(
      fc.string({ unit: character, maxLength: 30 }).filter((text) => !text.includes('\0')),
      { numRuns: 300, seed: 7 },
    )
    strings.push(...AWKWARD, '', '\n', "'", "\\'", '%s', '-n', 'a\n\n')
    const script = files.write('script', `printf '%s\\0' ${strings.map(quote).join(' ')}`)
    for (const shell of ['sh', 'bash']) {
      const { stdout } = await start(shell, [script]).ended
      expect(stdout.split('\0').slice(0, -1)).toEqual(strings.map((text) => Buffer.from(text).toString()))
    }
  })
})
