import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, run, ServerUnavailable } from '../../../test/servers/install.ts'
import { launch, onLoopback } from '../../../test/servers/server.ts'
import type { Start } from '../recorder.ts'

// SeaweedFS. Its module replaces another one, so `go install` refuses it, and the source has to be copied; 20 minutes:
// go mod download -json github.com/seaweedfs/seaweedfs@v0.0.0-20261109003541-7506e5f91cd6
// cp -r "$DIR" weed && chmod -R u+w weed && cd weed && go build -o ~/.cache/sigv4/weed-4.53 ./weed

const VERSION = '4.53'
const CREDENTIALS = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }

const IDENTITIES = {
  identities: [
    {
      name: 'tester',
      credentials: [{ accessKey: CREDENTIALS.accessKeyId, secretKey: CREDENTIALS.secretAccessKey }],
      actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'],
    },
  ],
}

/** The ports of its parts, after the S3 port. */
const PARTS = ['master', 'volume', 'filer']

export const seaweedfs: Start = async (progress) => {
  const built = join(cacheFolder(), `weed-${VERSION}`)
  const file = existsSync(built) ? built : 'weed'
  const { status, output } = await run(file, ['version'])
  if (status !== 0) throw new ServerUnavailable(`build weed as tools/explain/servers/seaweedfs.ts says, to ${built}`)
  const release = /\d+\.\d+/.exec(output)![0]
  progress(`starting SeaweedFS ${release}`)
  const launched = await launch({
    name: 'seaweedfs',
    commands(port, folder) {
      const config = join(folder, 's3.json')
      writeFileSync(config, JSON.stringify(IDENTITIES))
      // biome-ignore format: an option and its value belong on one line
      const args = [
        'server',
        `-dir=${join(folder, 'data')}`,
        '-ip=127.0.0.1', '-ip.bind=127.0.0.1',
        '-master.telemetry=false',
        '-master.volumeSizeLimitMB=64', '-volume.max=50',
        '-filer',
        '-s3', `-s3.port=${port}`, `-s3.port.grpc=${port + 1}`, `-s3.config=${config}`,
        '-s3.domainName=s3.localhost',
        '-s3.port.iceberg=0', '-s3.port.lance=0',
        ...PARTS.flatMap((part, i) => [
          `-${part}.port=${port + 2 + 2 * i}`, `-${part}.port.grpc=${port + 3 + 2 * i}`,
        ]),
      ]
      return [{ file, args }]
    },
    readyPath: '/healthz',
    ready: async (response) => (response.ok ? release : undefined),
  })
  return onLoopback(launched, CREDENTIALS)
}
