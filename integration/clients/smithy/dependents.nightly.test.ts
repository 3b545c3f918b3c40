import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serve } from '../../../packages/sigv4-tools/src/serve.ts'
import { sigv4a } from '../../../src/sigv4a.ts'
import { verify } from '../../../src/verify.ts'
import { KEY_ID, SECRET } from '../../../test/support/credentials.ts'
import { listen } from '../../../test/support/fetch.ts'
import { pack, ROOT } from '../../../test/support/packed.ts'
import { installPackages } from '../../servers/install.ts'

// Libraries that require @smithy/signature-v4, with packages/smithy-signature-v4 in its place by npm's overrides.

const run = promisify(execFile)
const FOLDER = fileURLToPath(new URL('./dependents/', import.meta.url))
const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }

let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sigv4-dependents-'))
  cpSync(FOLDER, folder, { recursive: true })
  const packed = await pack()
  try {
    cpSync(packed.tarball, join(folder, 'sigv4.tgz'))
  } finally {
    packed.remove()
  }
  const alias = join(ROOT, 'packages/smithy-signature-v4')
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--offline', alias], { cwd: folder })
  renameSync(join(folder, JSON.parse(stdout)[0].filename), join(folder, 'sigv4-as-smithy-signature-v4.tgz'))
  await installPackages(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('sends requests whose signatures are valid', async () => {
  const reply = { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hello, too' }] }
  const bedrock = await listen(() => [200, { 'content-type': 'application/json' }, JSON.stringify(reply)])
  const s3 = await serve({ credentials: CREDENTIALS, region: 'eu-west-1', log: () => {} })
  try {
    const given = JSON.stringify({ bedrock: bedrock.url, s3: s3.url, credentials: CREDENTIALS })
    const { stdout } = await run(process.execPath, ['--no-warnings', 'main.mjs', given], { cwd: folder })
    const { token, express, multiRegion, ...others } = JSON.parse(stdout)
    expect(others).toEqual({
      replaced: 'sigv4-as-smithy-signature-v4',
      names: expect.arrayContaining(['SignatureV4', 'SignatureV4Base', 'createScope', 'signatureV4aContainer']),
      message: 'Hello, too',
      object: 'the file',
      posted: [204, 'the posted file'],
      sigv4aDependencies: ['none', 'js'],
    })

    expect(bedrock.received).toMatchObject([
      {
        path: '/model/anthropic.claude-v1:0/invoke',
        verified: true,
        headers: { authorization: expect.stringContaining('/eu-west-1/bedrock/aws4_request, ') },
      },
    ])

    const { host, pathname, search } = new URL(Buffer.from(token, 'base64url').toString())
    // the URL names the library after it was signed
    const url = pathname + search.replace(/&User-Agent=[^&]*/, '')
    const msk = await verify(
      { method: 'GET', url, headers: { host } },
      { credentials: () => CREDENTIALS.secretAccessKey },
    )
    expect(msk.scope).toMatchObject({ region: 'eu-west-1', service: 'kafka-cluster' })

    const session = await verify(
      { method: 'GET', url: '/cat.txt', headers: express },
      { credentials: (id) => (id === 'SESSION' ? 'session secret' : undefined) },
    )
    expect(session.signedHeaders).toContain('x-amz-s3session-token')
    expect(session.scope.service).toBe('s3express')

    expect(multiRegion).toHaveLength(2)
    for (const headers of multiRegion) {
      const { scope, signedHeaders } = await verify(
        { method: 'GET', url: '/cat.txt', headers, body: 'a' },
        { credentials: () => CREDENTIALS, algorithms: [sigv4a], region: 'eu-west-1' },
      )
      expect(scope).toMatchObject({ region: '*', service: 's3' })
      expect(signedHeaders).toContain('x-amz-region-set')
    }
  } finally {
    await bedrock.close()
    await s3.close()
  }
})
