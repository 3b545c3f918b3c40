import { join } from 'node:path'
import { installOnce, runInstaller } from '../../../test/servers/install.ts'
import { launch } from '../../../test/servers/server.ts'
import type { Start } from '../recorder.ts'

// s3rver, of npm. It compares signatures of Version 2 alone; of the others it looks at the form and the time.

const VERSION = '3.7.1'

export const s3rver: Start = async (progress) => {
  const folder = await installOnce(`s3rver-${VERSION}`, async (folder) => {
    progress(`installing s3rver ${VERSION}, once`)
    await runInstaller('npm', ['install', '--silent', '--ignore-scripts', '--prefix', folder, `s3rver@${VERSION}`])
  })
  progress(`starting s3rver ${VERSION}`)
  const file = join(folder, 'node_modules', 's3rver', 'bin', 's3rver.js')
  const { version, port, stop } = await launch({
    name: 's3rver',
    commands: (port, folder) => [
      {
        file: process.execPath,
        // biome-ignore format: an option and its value belong on one line
        args: [
          file,
          '--directory', join(folder, 'data'),
          '--address', '127.0.0.1',
          '--port', String(port),
          '--service-endpoint', 'localhost',
        ],
      },
    ],
    readyPath: '/',
    ready: async (response) => (response.status < 500 ? VERSION : undefined),
  })
  return {
    version,
    endpoint: `http://127.0.0.1:${port}`,
    virtualHostEndpoint: `http://s3.localhost:${port}`,
    region: 'us-east-1',
    // built into it
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    stop,
  }
}
