import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../packages/sigv4-tools/package.json' with { type: 'json' }
import { serve } from '../../src/programs/serve.ts'
import { findGo, installOnce, type Progress, run, runInstaller, ServerUnavailable } from '../../test/servers/install.ts'
import { localstack } from '../../test/servers/localstack.ts'
import { minio } from '../../test/servers/minio.ts'
import { createKey } from '../../test/servers/moto.ts'
import { type Launch, launch, onLoopback, type RunningServer } from '../../test/servers/server.ts'
import { swift } from '../../test/servers/swift.ts'
import { versitygw } from '../../test/servers/versitygw.ts'
import { ceph } from '../explain/servers/ceph.ts'
import { garage } from '../explain/servers/garage.ts'
import { moto } from '../explain/servers/moto.ts'
import { s3rver } from '../explain/servers/s3rver.ts'
import { s3s } from '../explain/servers/s3s.ts'
import { seaweedfs } from '../explain/servers/seaweedfs.ts'

// The servers of the table in docs/suite.md, each in the configuration that verifies the most.

export interface AuditedServer {
  readonly name: string
  readonly site: string
  /** How it is started, as far as that determines what it verifies. */
  readonly configuration: string
  readonly start: (progress: Progress) => Promise<RunningServer>
  /** Options of the audit instead of a bucket. */
  readonly args?: readonly string[]
}

const CREDENTIALS = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }

/** A server that is installed into the cache folder, and consists of one process. */
interface Recipe extends Pick<AuditedServer, 'name' | 'site' | 'configuration' | 'args'> {
  readonly version: string
  /** What it needs: the version of it is a part of the name of its folder. */
  readonly needs?: () => Promise<string>
  readonly install: (folder: string) => Promise<void>
  readonly command: (installed: string, port: number, folder: string) => ReturnType<Launch['commands']>[number]
  readonly readyPath?: string
  readonly credentials?: (endpoint: string) => Promise<RunningServer['credentials']>
}

function installed({ version, needs, install, command, readyPath = '/', credentials, ...row }: Recipe): AuditedServer {
  const { name } = row
  return {
    ...row,
    async start(progress) {
      const suffix = (await needs?.()) ?? ''
      const folder = await installOnce(`${name.replace(/\W+/g, '-')}-${version}${suffix}`, async (folder) => {
        progress(`installing ${name} ${version}, once`)
        await install(folder)
      })
      progress(`starting ${name} ${version}`)
      const launched = await launch({
        name: name.replace(/\W+/g, '-'),
        commands: (port, own) => [command(folder, port, own)],
        readyPath,
        // one that rejects unsigned requests is running
        ready: async ({ status }) => (status < 500 ? version : undefined),
      })
      try {
        const endpoint = `http://127.0.0.1:${launched.port}`
        return onLoopback(launched, (await credentials?.(endpoint)) ?? CREDENTIALS)
      } catch (error) {
        await launched.stop()
        throw error
      }
    },
  }
}

const goSuffix = async (): Promise<string> => `-go${await findGo(1, 25)}`

const goInstall =
  (module: string) =>
  (folder: string): Promise<void> =>
    runInstaller('go', ['install', module], { GOBIN: folder })

async function requireTools(...commands: readonly [command: string, argument: string][]): Promise<string> {
  for (const [command, argument] of commands)
    if ((await run(command, [argument])).status !== 0) throw new ServerUnavailable(`needs ${command} on the PATH`)
  return ''
}

/** A release of s3proxy. Maven copies it and what it depends on; `managed` replaces a dependency that it cannot find. */
function s3proxy(version: string, managed = ''): AuditedServer {
  const dependency = `<dependency><groupId>org.gaul</groupId><artifactId>s3proxy</artifactId><version>${version}</version></dependency>`
  const project = `<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version>${managed}<dependencies>${dependency}</dependencies></project>`
  return installed({
    name: 's3proxy',
    version,
    site: 'https://github.com/gaul/s3proxy',
    configuration: '`authorization=aws-v4`, file system',
    needs: () => requireTools(['java', '-version'], ['mvn', '-version']),
    install(folder) {
      const file = join(folder, 'pom.xml')
      writeFileSync(file, project)
      const copy = [
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${join(folder, 'lib')}`,
      ]
      return runInstaller('mvn', ['--quiet', '--batch-mode', '--file', file, ...copy])
    },
    command(installed, port, folder) {
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
      const classes = join(installed, 'lib', '*')
      return { file: 'java', args: ['-cp', classes, 'org.gaul.s3proxy.Main', '--properties', file] }
    },
  })
}

const JACKSON = `<dependencyManagement><dependencies><dependency><groupId>com.fasterxml.jackson</groupId><artifactId>jackson-bom</artifactId><version>2.21.0</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>`

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

export const SERVERS: readonly AuditedServer[] = [
  {
    name: 'sigv4 serve',
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
  installed({
    name: 'rclone',
    version: '1.76.0',
    site: 'https://github.com/rclone/rclone',
    configuration: '`serve s3 --auth-key`, local folder',
    needs: goSuffix,
    install: goInstall('github.com/rclone/rclone@v1.76.0'),
    command: (installed, port, folder) => ({
      file: join(installed, 'rclone'),
      args: [
        ...['serve', 's3', '--addr', `127.0.0.1:${port}`, '--auth-key', Object.values(CREDENTIALS).join(',')],
        ...['--config', join(folder, 'rclone.conf'), '--vfs-cache-mode', 'off', join(folder, 'data')],
      ],
    }),
  }),
  installed({
    name: 'gofakes3',
    version: '1.2.0',
    site: 'https://github.com/johannesboyne/gofakes3',
    configuration: '`-backend memory`',
    needs: goSuffix,
    install: goInstall('github.com/johannesboyne/gofakes3/cmd/gofakes3@v1.2.0'),
    command: (installed, port) => ({
      file: join(installed, 'gofakes3'),
      args: ['-backend', 'memory', '-host', `127.0.0.1:${port}`],
    }),
  }),
  installed({
    name: 'ministack',
    version: '1.5.33',
    site: 'https://github.com/ministackorg/ministack',
    configuration: '`AUTH=true`, the key of an IAM user',
    needs: () => requireTools(['python3', '--version']),
    async install(folder) {
      await runInstaller('python3', ['-m', 'venv', folder])
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'ministack==1.5.33']
      await runInstaller(join(folder, 'bin', 'python'), pip)
    },
    command: (installed, port, folder) => ({
      file: join(installed, 'bin', 'python'),
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
    start: moto,
  },
  { name: 's3rver', site: 'https://github.com/jamhall/s3rver', configuration: 'default', start: s3rver },
  {
    name: 'Swift',
    site: 'https://opendev.org/openstack/swift',
    configuration: '`s3api` with `tempauth`',
    start: swift.start,
  },
  {
    name: 'Ceph',
    site: 'https://github.com/ceph/ceph',
    configuration: '`radosgw`, one region',
    start: ceph,
  },
  { name: 'Garage', site: 'https://garagehq.deuxfleurs.fr', configuration: '`s3_region = "us-east-1"`', start: garage },
  {
    name: 'SeaweedFS',
    site: 'https://github.com/seaweedfs/seaweedfs',
    configuration: '`-s3.config` with one identity',
    start: seaweedfs,
  },
  { name: 's3s-fs', site: 'https://github.com/Nugine/s3s', configuration: '`--access-key`', start: s3s },
  installed({
    name: '@filen/aws4-express',
    version: '0.10.2',
    site: 'https://www.npmjs.com/package/@filen/aws4-express',
    configuration: 'Express 4, `--service tasks`',
    async install(folder) {
      const args = ['--silent', '--ignore-scripts', '--prefix', folder, '@filen/aws4-express@0.10.2', 'express@4.21.2']
      await runInstaller('npm', ['install', ...args])
      writeFileSync(join(folder, 'app.cjs'), EXPRESS_APP)
    },
    command: (installed, port) => ({
      file: process.execPath,
      args: [join(installed, 'app.cjs'), String(port), ...Object.values(CREDENTIALS)],
    }),
    args: ['--service', 'tasks'],
  }),
]
