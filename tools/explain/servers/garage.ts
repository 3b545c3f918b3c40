import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, run, ServerUnavailable } from '../../../test/servers/install.ts'
import { launch, onLoopback } from '../../../test/servers/server.ts'
import type { Start } from '../recorder.ts'

// Garage, as a cluster of one. Rust builds it in 20 minutes on one core; it wants a C compiler for SQLite:
// cargo install garage --version 2.5.0 --no-default-features --features bundled-libs,sqlite --root ~/.cache/sigv4/garage-2.5.0

const VERSION = '2.5.0'
const CREDENTIALS = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }

const configuration = (port: number, folder: string): string => `
metadata_dir = "${folder}/meta"
data_dir = "${folder}/data"
db_engine = "sqlite"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:${port + 1}"
rpc_public_addr = "127.0.0.1:${port + 1}"
rpc_secret = "${'0123456789abcdef'.repeat(4)}"

[s3_api]
s3_region = "us-east-1"
api_bind_addr = "127.0.0.1:${port}"
root_domain = ".s3.localhost"
`

export const garage: Start = async (progress) => {
  const folder = join(cacheFolder(), `garage-${VERSION}`)
  const built = join(folder, 'bin', 'garage')
  const file = existsSync(built) ? built : 'garage'
  const { status, output } = await run(file, ['--version'])
  if (status !== 0) {
    const features = '--no-default-features --features bundled-libs,sqlite'
    throw new ServerUnavailable(`run: cargo install garage --version ${VERSION} ${features} --root ${folder}`)
  }
  const release = /\d+\.\d+\.\d+/.exec(output)?.[0] ?? VERSION
  progress(`starting Garage ${release}`)
  const launched = await launch({
    name: 'garage',
    commands(port, folder) {
      mkdirSync(join(folder, 'meta'))
      const config = join(folder, 'garage.toml')
      writeFileSync(config, configuration(port, folder), { mode: 0o600 })
      return [
        {
          file,
          args: ['--config', config, 'server', '--single-node', '--default-access-key'],
          env: {
            GARAGE_DEFAULT_ACCESS_KEY: CREDENTIALS.accessKeyId,
            GARAGE_DEFAULT_SECRET_KEY: CREDENTIALS.secretAccessKey,
          },
        },
      ]
    },
    readyPath: '/',
    // it rejects unsigned requests, so it is running
    ready: async (response) => (response.status < 500 ? release : undefined),
  })
  return onLoopback(launched, CREDENTIALS)
}
