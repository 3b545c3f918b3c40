import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../test/support/packed.ts'
import { installOnce, run, runInstaller, ServerUnavailable } from '../servers/install.ts'

/** Returns a Python interpreter with boto3, in the versions of integration/clients/requirements.txt. */
export async function pythonWithBoto(): Promise<string> {
  const requirements = join(ROOT, 'integration/clients/requirements.txt')
  const pins = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8)
  const version = await run('python3', ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
  if (version.status !== 0) throw new ServerUnavailable(`needs Python 3 with venv: ${version.output}`)
  const folder = await installOnce(`boto-python${version.output.trim()}-${pins}`, async (draft) => {
    await runInstaller('python3', ['-m', 'venv', draft])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
    await runInstaller(join(draft, 'bin', 'python'), pip)
  })
  return join(folder, 'bin', 'python')
}
