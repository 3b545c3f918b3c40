import { join } from 'node:path'
import { findGo, installOnce, type Progress, runInstaller } from '../../servers/install.ts'

const VERSION = '1.11.1'
const REPOSITORY = 'https://github.com/awslabs/aws-sigv4-proxy'

/** Builds aws-sigv4-proxy from its source, once, and returns the path of the program. Its module has no address to install. */
export async function awsSigv4Proxy(progress: Progress): Promise<string> {
  const go = await findGo(1, 26)
  const folder = await installOnce(`aws-sigv4-proxy-${VERSION}-go${go}`, async (folder) => {
    progress(`building aws-sigv4-proxy ${VERSION} with Go ${go}, once: a minute`)
    const source = join(folder, 'source')
    await runInstaller('git', ['clone', '--depth', '1', '--branch', `v${VERSION}`, REPOSITORY, source])
    await runInstaller('go', ['-C', source, 'build', '-o', folder, './cmd/aws-sigv4-proxy'])
  })
  return join(folder, 'aws-sigv4-proxy')
}
