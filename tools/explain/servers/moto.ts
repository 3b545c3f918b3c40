import { join } from 'node:path'
import { installOnce, run, runInstaller, ServerUnavailable } from '../../../test/servers/install.ts'
import { startMoto } from '../../../test/servers/moto.ts'
import type { Start } from '../recorder.ts'

// moto, of PyPI.

const VERSION = '5.2.5'

export const moto: Start = async (progress) => {
  const { status } = await run('python3', ['-c', 'import venv, ensurepip'])
  if (status !== 0) throw new ServerUnavailable('needs Python 3 with venv: install python3 and python3-venv')
  const installed = await installOnce(`moto-${VERSION}`, async (folder) => {
    progress(`installing moto ${VERSION}, once`)
    await runInstaller('python3', ['-m', 'venv', folder])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `moto[server,s3,iam]==${VERSION}`]
    await runInstaller(join(folder, 'bin', 'python'), pip)
  })
  progress(`starting moto ${VERSION}`)
  return startMoto(join(installed, 'bin', 'python'))
}
