import { execFileSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Difference } from './differences.ts'
import { run, ServerUnavailable } from './install.ts'
import { launch, onLoopback, type ServerDefinition } from './server.ts'

const CREDENTIALS = { accessKeyId: 'test:tester', secretAccessKey: 'roundtrip-secret/+1' }
const PACKAGES = 'swift-proxy swift-account swift-container swift-object'

const STORAGE = ['account', 'container', 'object']

/** Configures the four servers. The storage servers use the ports after the proxy's. */
function configuration(port: number, folder: string): Record<string, string> {
  const common = (port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}/etc
devices = ${folder}/data
mount_check = false
disable_fallocate = true
`
  const storage = STORAGE.map((kind, i) => [
    kind,
    `${common(port + 1 + i)}
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`,
  ])
  return {
    ...Object.fromEntries(storage),
    proxy: `${common(port)}
[pipeline:main]
pipeline = cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = s3.localhost
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${CREDENTIALS.secretAccessKey} .admin
[filter:slo]
use = egg:swift#slo
`,
  }
}

const payloadIsUnsigned: Difference = {
  status: 403,
  code: 'SignatureDoesNotMatch',
  why: 'the payload of a presigned URL always counts as unsigned',
}
const unknownKey: Difference = {
  status: 403,
  code: 'SignatureDoesNotMatch',
  why: 'it does not reveal which keys exist',
}
const tokenIsIgnored: Difference = { status: 200, why: 'the token is not checked, only its signature' }

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** OpenStack Swift with its S3 interface. It is used if the system has it, and is not installed. */
export const swift: ServerDefinition = {
  name: 'swift',
  verifies: { query: true, header: true, form: false },
  async start(progress) {
    // Its storage may start after its proxy, so it is optional.
    if (!process.env.ROUNDTRIP_SWIFT) throw new ServerUnavailable('optional: set ROUNDTRIP_SWIFT=1')
    const { status } = await run('swift-proxy-server', ['--help'])
    if (status !== 0) throw new ServerUnavailable(`Debian has it in the packages ${PACKAGES}`)
    const shared = '/etc/swift/swift.conf'
    if (!isReadable(shared)) throw new ServerUnavailable(`${shared}, which Swift always reads, cannot be read`)
    progress('starting Swift')
    const launched = await launch({
      name: 'swift',
      commands(port, folder) {
        mkdirSync(join(folder, 'etc'))
        mkdirSync(join(folder, 'data', '1'))
        for (const [i, kind] of STORAGE.entries()) {
          const ring = (...args: string[]) =>
            execFileSync('swift-ring-builder', [join(folder, 'etc', `${kind}.builder`), ...args])
          ring('create', '4', '1', '0')
          ring('add', `r1z1-127.0.0.1:${port + 1 + i}/1`, '1')
          ring('rebalance')
        }
        return Object.entries(configuration(port, folder)).map(([kind, text]) => {
          const file = join(folder, 'etc', `${kind}.conf`)
          writeFileSync(file, text)
          return { file: `swift-${kind}-server`, args: [file, '-v'] }
        })
      },
      readyPath: '/info',
      async ready(response) {
        const info = (await response.json()) as { swift: { version: string } }
        return info.swift.version
      },
    })
    return onLoopback(launched, CREDENTIALS)
  },
  differences: {
    'signed body hash': payloadIsUnsigned,
    'presigned: body differs from its signed hash': payloadIsUnsigned,
    'a repeated query name': { status: 403, code: 'SignatureDoesNotMatch', why: 'it reads one value per name' },
    'version IDs': { status: 501, code: 'NotImplemented', why: 'this pipeline does not support versions' },
    'unknown session token': tokenIsIgnored,
    'header: unknown session token': tokenIsIgnored,
    'presigned: date an hour ahead': { status: 200, why: 'only the expiry is checked' },
    'presigned: access key unknown': unknownKey,
    'header: access key unknown': unknownKey,
    'presigned: Authorization header as well': { status: 200, why: 'the query is checked and the header ignored' },
    'presigned: unsigned': { status: 400, why: "the request is handled by Swift's own API" },
    'header: body changed': { status: 400, code: 'BadDigest', why: 'its own code' },
  },
}
