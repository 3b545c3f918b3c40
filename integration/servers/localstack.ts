import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Difference } from './differences.ts'
import { installOnce, type Progress, run, runInstaller, ServerUnavailable } from './install.ts'
import { launch, type RunningServer, type ServerDefinition } from './server.ts'

const VERSION = '4.13.1'
const CONSTRAINTS = fileURLToPath(new URL('localstack-constraints.txt', import.meta.url))
const PYTHONS = ['python3.12', 'python3.11', 'python3', '/usr/bin/python3']

/** LocalStack's STS requires Moto. Its server requires Flask; the extra `server` of Moto would install much more. */
const REQUIREMENTS = [`localstack-core[base-runtime]==${VERSION}`, 'moto-ext[dynamodb]', 'flask', 'flask-cors']

/** Installs LocalStack and the server of its Moto, and returns the Python interpreter that runs either. */
export async function installLocalStack(progress: Progress): Promise<string> {
  const python = await findPython()
  const pins = createHash('sha256').update(readFileSync(CONSTRAINTS)).digest('hex').slice(0, 8)
  const installed = await installOnce(`localstack-${VERSION}-python${python.version}-${pins}`, async (folder) => {
    progress(`installing LocalStack ${VERSION}, once: about a minute, 240 MB`)
    await runInstaller(python.file, ['-m', 'venv', folder])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-c', CONSTRAINTS, ...REQUIREMENTS]
    await runInstaller(join(folder, 'bin', 'python'), pip)
  })
  return join(installed, 'bin', 'python')
}

async function findPython(): Promise<{ file: string; version: string }> {
  const seen: string[] = []
  const probe = 'import sys, venv, ensurepip; print("%d.%d.%d" % sys.version_info[:3])'
  for (const file of PYTHONS) {
    const { status, output } = await run(file, ['-c', probe])
    const version = output.trim()
    if (status === 0 && /^3\.1[12]\./.test(version)) return { file, version }
    if (status === 0) seen.push(`${file} is ${version}`)
  }
  const found = seen.length > 0 ? ` (${seen.join(', ')})` : ''
  throw new ServerUnavailable(`needs Python 3.11 or 3.12 with venv: install python3 and python3-venv${found}`)
}

/** Describes a running server. `LOCALSTACK_ENDPOINT` uses one with S3, STS, and `S3_SKIP_SIGNATURE_VALIDATION=0`. */
function running(endpoint: string, version: string, stop: () => Promise<void>): RunningServer {
  return {
    version,
    endpoint,
    virtualHostEndpoint: `http://s3.localhost.localstack.cloud:${new URL(endpoint).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'test' },
    stop,
  }
}

const formIsUnsigned: Difference = { status: 204, why: 'the signature of a form is not checked' }
const extraFieldIsTaken: Difference = { status: 204, why: 'conditions are checked, but not whether each field has one' }
const headerIsIgnored: Difference = { status: 200, why: 'the Authorization header is not checked' }

export const localstack: ServerDefinition = {
  name: 'localstack',
  pinnedVersion: VERSION,
  verifies: { query: true, header: false, form: 'policy' },
  async start(progress) {
    const { LOCALSTACK_ENDPOINT } = process.env
    if (LOCALSTACK_ENDPOINT) {
      const health = await fetch(`${LOCALSTACK_ENDPOINT}/_localstack/health`)
      const { version } = (await health.json()) as { version: string }
      return running(LOCALSTACK_ENDPOINT, version, async () => {})
    }
    const python = await installLocalStack(progress)
    progress(`starting LocalStack ${VERSION}`)
    const { version, port, stop } = await launch({
      name: 'localstack',
      commands: (port, folder) => [
        {
          file: python,
          args: ['-m', 'localstack.runtime.main'],
          env: {
            SERVICES: 's3,sts',
            EAGER_SERVICE_LOADING: '1',
            STRICT_SERVICE_LOADING: '1',
            // By default, the gateway listens on every interface, even with GATEWAY_LISTEN.
            GATEWAY_SERVER: 'hypercorn',
            GATEWAY_LISTEN: `127.0.0.1:${port}`,
            LOCALSTACK_HOST: `localhost.localstack.cloud:${port}`,
            S3_SKIP_SIGNATURE_VALIDATION: '0',
            DNS_ADDRESS: '0',
            DISABLE_EVENTS: '1',
            SKIP_SSL_CERT_DOWNLOAD: '1',
            FILESYSTEM_ROOT: join(folder, 'data'),
            TMPDIR: folder,
          },
        },
      ],
      readyPath: '/_localstack/health',
      async ready(response) {
        const health = (await response.json()) as { version: string; services: Record<string, string> }
        const { s3, sts } = health.services
        return s3 === 'running' && sts === 'running' ? health.version : undefined
      },
    })
    return running(`http://127.0.0.1:${port}`, version, stop)
  },
  differences: {
    ...Object.fromEntries(
      ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'].map((name) => [
        `form: ${name} and one changed byte`,
        { status: 400, code: 'InvalidRequest', why: 'its code for checksums of forms' },
      ]),
    ),
    'presignPut with SHA512 and one changed byte': { status: 200, why: 'ignores the checksum' },
    'presignPut with MD5 and one changed byte': { status: 200, why: 'ignores the checksum' },
    'unknown session token': {
      status: 200,
      why: 'it does not support tokens, but verifies the signature over them',
    },
    'a repeated query name': { status: 403, code: 'SignatureDoesNotMatch', why: 'it reads one value per name' },
    'presigned: date an hour ahead': { status: 200, why: 'only the expiry is checked' },
    'presigned: body differs from its signed hash': { status: 200, why: 'the body is not hashed' },
    'presigned: region wrong': { status: 200, why: 'any region is accepted' },
    'presigned: service wrong': { status: 403, code: 'SignatureDoesNotMatch', why: 'it uses its own service' },
    'presigned: access key unknown': { status: 200, why: 'any access key ID is accepted with the secret' },
    'presigned: sent to a different port': { status: 200, why: 'it uses its own host' },
    'presigned: Authorization header as well': { status: 200, why: 'the query is checked and the header ignored' },
    'presigned: unsigned': { status: 200, why: 'only signatures are checked, not access' },
    'form: metadata added': extraFieldIsTaken,
    'form: a content type that is not in the policy': extraFieldIsTaken,
    'form: signature altered': formIsUnsigned,
    'form: policy altered': formIsUnsigned,
    'form: secret wrong': formIsUnsigned,
    'form: access key unknown': formIsUnsigned,
    'form: region wrong': formIsUnsigned,
    'form: unknown session token': { status: 204, why: 'it does not support tokens' },
    'form: key missing': { status: 500, code: 'InternalError', why: 'its own error' },
    'form: fields after the file': { status: 204, why: 'fields are read in any position' },
    'header: signature altered': headerIsIgnored,
    'header: secret wrong': headerIsIgnored,
    'header: clock an hour off': headerIsIgnored,
    'header: different method': { ...headerIsIgnored, status: 204 },
    'header: body changed': headerIsIgnored,
    'header: x-amz-content-sha256 missing': headerIsIgnored,
    'header: unsigned metadata': headerIsIgnored,
    'header: region wrong': headerIsIgnored,
    'header: service wrong': headerIsIgnored,
    'header: access key unknown': headerIsIgnored,
    'header: unknown session token': headerIsIgnored,
    'header: sent to a different port': headerIsIgnored,
  },
}
