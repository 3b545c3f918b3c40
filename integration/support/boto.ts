import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../test/support/packed.ts'
import { installOnce, run, runInstaller, ServerUnavailable } from '../servers/install.ts'

const REQUIREMENTS = join(ROOT, 'integration/clients/requirements.txt')

/** Returns a Python interpreter with boto3, in the versions of integration/clients/requirements.txt. */
export async function pythonWithBoto(): Promise<string> {
  const pins = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 8)
  return pythonWith(pins, ['-r', REQUIREMENTS])
}

/** Returns a Python interpreter with a version of botocore: the one that has boto3, if it is the same version. */
export async function pythonWithBotocore(version: string): Promise<string> {
  const pin = `botocore==${version}`
  return readFileSync(REQUIREMENTS, 'utf8').split('\n').includes(pin) ? pythonWithBoto() : pythonWith(version, [pin])
}

async function pythonWith(key: string, packages: string[]): Promise<string> {
  const version = await run('python3', ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
  if (version.status !== 0) throw new ServerUnavailable(`needs Python 3 with venv: ${version.output}`)
  const folder = await installOnce(`boto-python${version.output.trim()}-${key}`, async (draft) => {
    await runInstaller('python3', ['-m', 'venv', draft])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]
    await runInstaller(join(draft, 'bin', 'python'), pip)
  })
  return join(folder, 'bin', 'python')
}
