import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installOnce, type Progress, run, runInstaller, ServerUnavailable } from './install.ts'
import { launch, type ServerDefinition } from './server.ts'

const VERSION = '1.7.0'
const MODULE = 'github.com/versity/versitygw'
const GO_NEEDED = [1, 25] as const

async function install(progress: Progress): Promise<string> {
  const go = await findGo()
  const folder = await installOnce(`versitygw-${VERSION}-go${go}`, async (folder) => {
    progress(`building versitygw ${VERSION} with Go ${go}: about a minute and a half, once`)
    await runInstaller('go', ['install', `${MODULE}/cmd/versitygw@v${VERSION}`], { GOBIN: folder })
  })
  return join(folder, 'versitygw')
}

async function findGo(): Promise<string> {
  const { status, output } = await run('go', ['env', 'GOVERSION'])
  const [, version = '', major, minor] = /go((\d+)\.(\d+)\S*)/.exec(output) ?? []
  const needed = `needs Go ${GO_NEEDED.join('.')} or newer`
  if (status !== 0) throw new ServerUnavailable(`${needed}: install it and put it on the PATH`)
  const enough = Number(major) > GO_NEEDED[0] || (Number(major) === GO_NEEDED[0] && Number(minor) >= GO_NEEDED[1])
  if (!enough) throw new ServerUnavailable(`${needed}: the one on the PATH is ${version || output.trim()}`)
  return version
}

/** `--version` says only "git": the module version that Go wrote into the binary is the one to trust. */
function builtVersion(binary: string): string {
  const marker = `mod\t${MODULE}\tv`
  const bytes = readFileSync(binary)
  const start = bytes.indexOf(marker) + marker.length
  return bytes.subarray(start, bytes.indexOf('\t', start)).toString('latin1')
}

export const versitygw: ServerDefinition = {
  name: 'versitygw',
  pinnedVersion: VERSION,
  verifies: { query: true, header: true },
  async start(progress) {
    const binary = await install(progress)
    const credentials = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }
    progress(`starting versitygw ${VERSION}`)
    const { version, port, stop } = await launch({
      name: 'versitygw',
      command(port, folder) {
        const versions = join(folder, 'versions')
        mkdirSync(versions)
        return {
          file: binary,
          // biome-ignore format: an option and its value belong on one line
          args: [
            '--port', `127.0.0.1:${port}`,
            '--access', credentials.accessKeyId,
            '--secret', credentials.secretAccessKey,
            '--region', 'us-east-1',
            '--virtual-domain', 's3.localhost',
            '--health', '/_health',
            '--quiet',
            'posix', '--versioning-dir', versions, join(folder, 'data'),
          ],
        }
      },
      readyPath: '/_health',
      ready: async (response) => (response.ok ? builtVersion(binary) : undefined),
    })
    return {
      version,
      endpoint: `http://127.0.0.1:${port}`,
      virtualHostEndpoint: `http://s3.localhost:${port}`,
      region: 'us-east-1',
      credentials,
      stop,
    }
  },
  differences: {},
}
