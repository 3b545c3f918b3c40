import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  cacheFolder,
  findGo,
  installOnce,
  type Progress,
  run,
  runInstaller,
  ServerUnavailable,
} from '../integration/servers/install.ts'
import { localstack } from '../integration/servers/localstack.ts'
import { minio } from '../integration/servers/minio.ts'
import { createKey, startMoto } from '../integration/servers/moto.ts'
import { type Launch, launch, onLoopback, type RunningServer } from '../integration/servers/server.ts'
import { swift } from '../integration/servers/swift.ts'
import { versitygw } from '../integration/servers/versitygw.ts'
import manifest from '../packages/sigv4-tools/package.json' with { type: 'json' }
import { serve } from '../packages/sigv4-tools/src/serve.ts'

// The servers that are audited for docs/suite.md, or recorded for `explain`, each in the configuration that verifies the most.

export interface Server {
  readonly name: string
  readonly site: string
  /** How it is started, as far as that determines what it verifies. */
  readonly configuration: string
  readonly start: (progress: Progress) => Promise<RunningServer>
  /** Options of the audit instead of a bucket. */
  readonly args?: readonly string[]
}

const CREDENTIALS = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }

/** What is run, and its version. */
type Find = (name: string, progress: Progress) => Promise<{ path: string; version: string }>

/** A server that consists of one process. */
interface Recipe extends Omit<Server, 'start'> {
  readonly find: Find
  /** Runs what was found. The folder is empty, except for `data`. */
  readonly command: (path: string, port: number, folder: string) => ReturnType<Launch['commands']>[number]
  readonly readyPath?: string
  /** Whether it is ready. @default it responds: one that rejects unsigned requests is running */
  readonly isReady?: (response: Response) => boolean
  readonly credentials?: (endpoint: string) => Promise<RunningServer['credentials']>
}

const slug = (name: string): string => name.toLowerCase().replace(/\W+/g, '-')

function launched({ find, command, readyPath = '/', isReady, credentials, ...row }: Recipe): Server {
  const { name } = row
  return {
    ...row,
    async start(progress) {
      const { path, version } = await find(name, progress)
      progress(`starting ${name} ${version}`)
      const running = await launch({
        name: slug(name),
        commands: (port, folder) => [command(path, port, folder)],
        readyPath,
        ready: async (response) => ((isReady?.(response) ?? response.status < 500) ? version : undefined),
      })
      try {
        return onLoopback(running, (await credentials?.(`http://127.0.0.1:${running.port}`)) ?? CREDENTIALS)
      } catch (error) {
        await running.stop()
        throw error
      }
    },
  }
}

const isOk = ({ ok }: Response): boolean => ok

/** A release that is installed into a folder of the cache, whose name also contains what `needs` returns. */
function release(version: string, install: (folder: string) => Promise<void>, needs = async () => ''): Find {
  return async (name, progress) => {
    const key = `${slug(name)}-${version}${await needs()}`
    const path = await installOnce(key, async (folder) => {
      progress(`installing ${name} ${version}, once`)
      await install(folder)
    })
    return { path, version }
  }
}

const go = (path: string, version: string): Find =>
  release(
    version,
    (folder) => runInstaller('go', ['install', `${path}@v${version}`], { GOBIN: folder }),
    async () => `-go${await findGo(1, 25)}`,
  )

const pip = (version: string, requirement: string): Find =>
  release(
    version,
    async (folder) => {
      await runInstaller('python3', ['-m', 'venv', folder])
      const options = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
      await runInstaller(join(folder, 'bin', 'python'), [...options, `${requirement}==${version}`])
    },
    () => requireTools(['python3', '-c', 'import venv, ensurepip']),
  )

const npm = (folder: string, ...packages: readonly string[]): Promise<void> =>
  runInstaller('npm', ['install', '--silent', '--ignore-scripts', '--prefix', folder, ...packages])

async function requireTools(...commands: readonly [command: string, ...args: string[]][]): Promise<string> {
  for (const [command, ...args] of commands)
    if ((await run(command, args)).status !== 0) throw new ServerUnavailable(`needs ${command} on the PATH`)
  return ''
}

/** A program that takes long to build: in the cache folder or on the PATH. `how` is the command that installs it. */
function program(file: string, args: string[], inCache: string, how: (path: string) => string): Find {
  return async () => {
    const built = join(cacheFolder(), inCache)
    const path = existsSync(built) ? built : file
    const { status, output } = await run(path, args)
    if (status !== 0) throw new ServerUnavailable(`run: ${how(built)}`)
    return { path, version: /\d+(?:\.\d+)+/.exec(output)![0] }
  }
}

const cargo = (name: string, version: string, features: string, file = name): Find =>
  program(file, ['--version'], join(`${name}-${version}`, 'bin', file), () => {
    const root = join(cacheFolder(), `${name}-${version}`)
    return `cargo install ${name} --version ${version} ${features} --root ${root}`
  })

/** A release of s3proxy. Maven copies it and what it depends on; `managed` replaces a dependency that it cannot find. */
function s3proxy(version: string, managed = ''): Server {
  const dependency = `<dependency><groupId>org.gaul</groupId><artifactId>s3proxy</artifactId><version>${version}</version></dependency>`
  const project = `<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version>${managed}<dependencies>${dependency}</dependencies></project>`
  const install = (folder: string): Promise<void> => {
    const file = join(folder, 'pom.xml')
    writeFileSync(file, project)
    const options = ['-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'lib')}`]
    return runInstaller('mvn', ['--quiet', '--batch-mode', '--file', file, 'dependency:copy-dependencies', ...options])
  }
  return launched({
    name: 's3proxy',
    site: 'https://github.com/gaul/s3proxy',
    configuration: '`authorization=aws-v4`, file system',
    find: release(version, install, () => requireTools(['java', '-version'], ['mvn', '-version'])),
    command(path, port, folder) {
      const file = join(folder, 's3proxy.properties')
      const properties = {
        's3proxy.endpoint': `http://127.0.0.1:${port}`,
        's3proxy.authorization': 'aws-v4',
        's3proxy.identity': CREDENTIALS.accessKeyId,
        's3proxy.credential': CREDENTIALS.secretAccessKey,
        'jclouds.provider': 'filesystem-nio2',
        'jclouds.filesystem.basedir': join(folder, 'data'),
      }
      writeFileSync(
        file,
        Object.entries(properties)
          .map((pair) => `${pair.join('=')}\n`)
          .join(''),
      )
      const classes = join(path, 'lib', '*')
      return { file: 'java', args: ['-cp', classes, 'org.gaul.s3proxy.Main', '--properties', file] }
    },
  })
}

const JACKSON = `<dependencyManagement><dependencies><dependency><groupId>com.fasterxml.jackson</groupId><artifactId>jackson-bom</artifactId><version>2.21.0</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>`

const CLUSTER = '7c8a1a3e-0f5d-4a51-9a55-6b1c3f0e2d11'
const STORE = '0c8a1a3e-0f5d-4a51-9a55-6b1c3f0e2d12'

/** Each daemon of Ceph needs the one before it; all of them are in the process group of the shell. */
const cephScript = (port: number): string => `set -e
monitor="[v2:127.0.0.1:${port + 1},v1:127.0.0.1:${port + 2}]"
cat > ceph.conf <<EOF
[global]
fsid = ${CLUSTER}
mon_host = $monitor
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = $PWD/keyring
run_dir = $PWD
admin_socket = $PWD/\\$name.asok
log_file = $PWD/\\$name.log
pid_file =
mon_data = $PWD/mon
osd_data = $PWD/osd
osd_objectstore = memstore
osd_crush_chooseleaf_type = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
rgw_data = $PWD/rgw
rgw_dns_name = s3.localhost
EOF
export CEPH_CONF="$PWD/ceph.conf"
mkdir mon osd rgw
ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
ceph-authtool keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
monmaptool --create --fsid ${CLUSTER} --addv a "$monitor" monmap
ceph-mon --mkfs -i a --monmap monmap --keyring keyring
ceph-mon -f -i a &
ceph --connect-timeout 20 osd new ${STORE}
ceph-osd -i 0 --mkfs --osd-uuid ${STORE}
ceph-osd -f -i 0 &
radosgw-admin user create --uid tester --display-name tester \\
  --access-key '${CREDENTIALS.accessKeyId}' --secret '${CREDENTIALS.secretAccessKey}'
exec radosgw -f -n client.admin --rgw_frontends="beast endpoint=127.0.0.1:${port}"
`

const garageConfiguration = (port: number, folder: string): string => `
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

const IDENTITIES = {
  identities: [
    {
      name: 'tester',
      credentials: [{ accessKey: CREDENTIALS.accessKeyId, secretKey: CREDENTIALS.secretAccessKey }],
      actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'],
    },
  ],
}

/** Its module replaces a different one, so `go install` rejects it, and the source has to be copied. */
const weedBuild = (file: string): string =>
  `go mod download -json github.com/seaweedfs/seaweedfs@v0.0.0-20261109003541-7506e5f91cd6, and with the folder that this prints: cp -r "$DIR" weed && chmod -R u+w weed && cd weed && go build -o ${file} ./weed`

/** The middleware as its README shows it, in front of an application that accepts everything. */
const EXPRESS_APP = `
const express = require('express')
const { awsVerify, rawBodyFromStream } = require('@filen/aws4-express')
const [, , port, accessKeyId, secretAccessKey] = process.argv
const app = express()
app.use(rawBodyFromStream)
app.use(awsVerify({ secretKey: ({ accessKey }) => (accessKey === accessKeyId ? secretAccessKey : undefined) }))
app.all('*', (request, response) => response.send('{}'))
app.listen(Number(port), '127.0.0.1')
`

export const SERVERS: readonly Server[] = [
  {
    name: 'sigv4-tools serve',
    site: 'cli.md',
    configuration: '`--region us-east-1`',
    async start() {
      const { port, close } = await serve({ region: 'us-east-1', credentials: CREDENTIALS })
      return onLoopback({ version: manifest.version, port, stop: close }, CREDENTIALS)
    },
  },
  {
    name: 'versitygw',
    site: 'https://github.com/versity/versitygw',
    configuration: '`--region us-east-1`, `posix`',
    start: versitygw.start,
  },
  {
    name: 'MinIO',
    site: 'https://github.com/minio/minio',
    configuration: '`MINIO_SITE_REGION=us-east-1`',
    start: minio.start,
  },
  s3proxy('2.9.0'),
  s3proxy('4.1.1', JACKSON),
  launched({
    name: 'rclone',
    site: 'https://github.com/rclone/rclone',
    configuration: '`serve s3 --auth-key`, local folder',
    find: go('github.com/rclone/rclone', '1.76.0'),
    command: (path, port, folder) => ({
      file: join(path, 'rclone'),
      args: [
        ...['serve', 's3', '--addr', `127.0.0.1:${port}`, '--auth-key', Object.values(CREDENTIALS).join(',')],
        ...['--config', join(folder, 'rclone.conf'), '--vfs-cache-mode', 'off', join(folder, 'data')],
      ],
    }),
  }),
  launched({
    name: 'gofakes3',
    site: 'https://github.com/johannesboyne/gofakes3',
    configuration: '`-backend memory`',
    find: go('github.com/johannesboyne/gofakes3/cmd/gofakes3', '1.2.0'),
    command: (path, port) => ({
      file: join(path, 'gofakes3'),
      args: ['-backend', 'memory', '-host', `127.0.0.1:${port}`],
    }),
  }),
  launched({
    name: 'ministack',
    site: 'https://github.com/ministackorg/ministack',
    configuration: '`AUTH=true`, the key of an IAM user',
    find: pip('1.5.33', 'ministack'),
    command: (path, port, folder) => ({
      file: join(path, 'bin', 'python'),
      args: ['-m', 'ministack'],
      env: { BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), AUTH: 'true', TMPDIR: folder, S3_DATA_DIR: folder },
    }),
    readyPath: '/_ministack/health',
    credentials: (endpoint) => createKey(endpoint, 'test'),
  }),
  {
    name: 'LocalStack',
    site: 'https://github.com/localstack/localstack',
    configuration: '`S3_SKIP_SIGNATURE_VALIDATION=0`',
    start: localstack.start,
  },
  {
    name: 'Moto',
    site: 'https://github.com/getmoto/moto',
    configuration: '`INITIAL_NO_AUTH_ACTION_COUNT`, the key of an IAM user',
    async start(progress) {
      const { path } = await pip('5.2.5', 'moto[server,s3,iam]')('moto', progress)
      return startMoto(join(path, 'bin', 'python'))
    },
  },
  launched({
    name: 's3rver',
    site: 'https://github.com/jamhall/s3rver',
    configuration: 'default',
    find: release('3.7.1', (folder) => npm(folder, 's3rver@3.7.1')),
    command: (path, port, folder) => ({
      file: process.execPath,
      args: [
        ...[join(path, 'node_modules', 's3rver', 'bin', 's3rver.js'), '--directory', join(folder, 'data')],
        ...['--address', '127.0.0.1', '--port', String(port), '--service-endpoint', 'localhost'],
      ],
    }),
    // built into it
    credentials: async () => ({ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }),
  }),
  {
    name: 'Swift',
    site: 'https://opendev.org/openstack/swift',
    configuration: '`s3api` with `tempauth`',
    start: swift.start,
  },
  launched({
    name: 'Ceph',
    site: 'https://github.com/ceph/ceph',
    configuration: '`radosgw`, one region',
    find: program('radosgw', ['--version'], 'ceph', () => 'apt-get install radosgw ceph-mon ceph-osd'),
    // over a cluster of one monitor and one storage daemon that keeps all in memory
    command: (_, port) => ({ file: 'sh', args: ['-c', cephScript(port)] }),
    isReady: isOk,
  }),
  launched({
    name: 'Garage',
    site: 'https://garagehq.deuxfleurs.fr',
    configuration: '`s3_region = "us-east-1"`',
    // 20 minutes on one core; it needs a C compiler for SQLite
    find: cargo('garage', '2.5.0', '--no-default-features --features bundled-libs,sqlite'),
    command(file, port, folder) {
      mkdirSync(join(folder, 'meta'))
      const config = join(folder, 'garage.toml')
      writeFileSync(config, garageConfiguration(port, folder), { mode: 0o600 })
      const { accessKeyId: GARAGE_DEFAULT_ACCESS_KEY, secretAccessKey: GARAGE_DEFAULT_SECRET_KEY } = CREDENTIALS
      const env = { GARAGE_DEFAULT_ACCESS_KEY, GARAGE_DEFAULT_SECRET_KEY }
      return { file, args: ['--config', config, 'server', '--single-node', '--default-access-key'], env }
    },
  }),
  launched({
    name: 'SeaweedFS',
    site: 'https://github.com/seaweedfs/seaweedfs',
    configuration: '`-s3.config` with one identity',
    find: program('weed', ['version'], 'weed-4.53', weedBuild),
    command(file, port, folder) {
      const config = join(folder, 's3.json')
      writeFileSync(config, JSON.stringify(IDENTITIES))
      const ports = ['master', 'volume', 'filer'].flatMap((part, i) => [
        `-${part}.port=${port + 2 + 2 * i}`,
        `-${part}.port.grpc=${port + 3 + 2 * i}`,
      ])
      const args = [
        ...['server', `-dir=${join(folder, 'data')}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', ...ports, '-filer'],
        ...['-master.telemetry=false', '-master.volumeSizeLimitMB=64', '-volume.max=50', '-s3', `-s3.port=${port}`],
        ...[`-s3.port.grpc=${port + 1}`, `-s3.config=${config}`, '-s3.domainName=s3.localhost'],
        ...['-s3.port.iceberg=0', '-s3.port.lance=0'],
      ]
      return { file, args }
    },
    readyPath: '/healthz',
    isReady: isOk,
  }),
  launched({
    name: 's3s-fs',
    site: 'https://github.com/Nugine/s3s',
    configuration: '`--access-key`',
    find: cargo('s3s-fs', '0.14.1', '--features binary'), // needs Rust 1.92
    command: (file, port, folder) => ({
      file,
      args: [
        ...['--host', '127.0.0.1', '--port', String(port), '--domain', `s3.localhost:${port}`],
        ...['--access-key', CREDENTIALS.accessKeyId, '--secret-key', CREDENTIALS.secretAccessKey, join(folder, 'data')],
      ],
    }),
  }),
  launched({
    name: '@filen/aws4-express',
    site: 'https://www.npmjs.com/package/@filen/aws4-express',
    configuration: 'Express 4, `--service tasks`',
    find: release('0.10.2', async (folder) => {
      await npm(folder, '@filen/aws4-express@0.10.2', 'express@4.21.2')
      writeFileSync(join(folder, 'app.cjs'), EXPRESS_APP)
    }),
    command: (path, port) => ({
      file: process.execPath,
      args: [join(path, 'app.cjs'), String(port), ...Object.values(CREDENTIALS)],
    }),
    args: ['--service', 'tasks'],
  }),
]
