import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serve } from '../../../packages/sigv4-tools/src/serve.ts'
import { ROOT } from '../../../test/support/packed.ts'

/** Runs a shell script in an empty folder, with `npx sigv4-tools` as built from the sources, and `sigv4-tools serve` on its port. */
export async function runWithServer(script: string, port: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-docs-'))
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const server = await serve({ credentials, port: 0, log: () => {} })
  try {
    const npx = join(folder, 'npx')
    const tsx = join(ROOT, 'node_modules/.bin/tsx')
    writeFileSync(
      npx,
      `#!/bin/sh\nshift\nexec '${tsx}' --tsconfig '${ROOT}tsconfig.json' '${ROOT}packages/sigv4-tools/start.ts' "$@"\n`,
    )
    chmodSync(npx, 0o755)
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder }
    const { stdout } = await promisify(execFile)('sh', ['-ec', script.replaceAll(port, String(server.port))], {
      cwd: folder,
      env,
      timeout: 120_000,
    })
    return stdout
  } finally {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
