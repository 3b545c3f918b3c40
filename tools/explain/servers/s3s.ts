import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, run, ServerUnavailable } from '../../../test/servers/install.ts'
import { launch, onLoopback } from '../../../test/servers/server.ts'
import type { Start } from '../recorder.ts'

// s3s, the S3 layer of RustFS and others, over a folder. Rust 1.92 or newer builds it in some minutes:
// cargo install s3s-fs --version 0.14.1 --features binary --root ~/.cache/sigv4/s3s-fs-0.14.1

const VERSION = '0.14.1'
const CREDENTIALS = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }

export const s3s: Start = async (progress) => {
  const folder = join(cacheFolder(), `s3s-fs-${VERSION}`)
  const built = join(folder, 'bin', 's3s-fs')
  const file = existsSync(built) ? built : 's3s-fs'
  const { status, output } = await run(file, ['--version'])
  if (status !== 0) {
    const command = `cargo install s3s-fs --version ${VERSION} --features binary --root ${folder}`
    throw new ServerUnavailable(`run: ${command}`)
  }
  const release = /\d+\.\S+/.exec(output)![0]
  progress(`starting s3s-fs ${release}`)
  const launched = await launch({
    name: 's3s',
    commands: (port, folder) => [
      {
        file,
        // biome-ignore format: an option and its value belong on one line
        args: [
          '--host', '127.0.0.1',
          '--port', String(port),
          '--access-key', CREDENTIALS.accessKeyId,
          '--secret-key', CREDENTIALS.secretAccessKey,
          '--domain', `s3.localhost:${port}`,
          join(folder, 'data'),
        ],
      },
    ],
    readyPath: '/',
    // it rejects unsigned requests, so it is running
    ready: async (response) => (response.status < 500 ? release : undefined),
  })
  return onLoopback(launched, CREDENTIALS)
}
