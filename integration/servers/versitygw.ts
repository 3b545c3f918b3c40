import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Difference, OTHER_KEY } from './differences.ts'
import { findGo, installOnce, type Progress, runInstaller } from './install.ts'
import { launch, onLoopback, type ServerDefinition } from './server.ts'

const VERSION = '1.7.0'
const MODULE = 'github.com/versity/versitygw'

async function install(progress: Progress): Promise<string> {
  const go = await findGo(1, 25)
  const folder = await installOnce(`versitygw-${VERSION}-go${go}`, async (folder) => {
    progress(`building versitygw ${VERSION} with Go ${go}, once: a minute or two`)
    await runInstaller('go', ['install', `${MODULE}/cmd/versitygw@v${VERSION}`], { GOBIN: folder })
  })
  return join(folder, 'versitygw')
}

/** `--version` prints only "git", so the module version in the binary is used. */
function builtVersion(binary: string): string {
  const marker = `mod\t${MODULE}\tv`
  const bytes = readFileSync(binary)
  const start = bytes.indexOf(marker) + marker.length
  return bytes.subarray(start, bytes.indexOf('\t', start)).toString('latin1')
}

const pathAsReceived: Difference = {
  status: 403,
  code: 'SignatureDoesNotMatch',
  why: 'it hashes the path as received, S3 decodes and encodes it again',
}

const payloadIsUnsigned: Difference = {
  status: 403,
  code: 'SignatureDoesNotMatch',
  why: 'the payload of a presigned URL always counts as unsigned',
}

export const versitygw: ServerDefinition = {
  name: 'versitygw',
  pinnedVersion: VERSION,
  verifies: { query: true, header: true, form: true },
  async start(progress) {
    const binary = await install(progress)
    const credentials = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }
    progress(`starting versitygw ${VERSION}`)
    const launched = await launch({
      name: 'versitygw',
      commands(port, folder) {
        const versions = join(folder, 'versions')
        mkdirSync(versions)
        return [
          {
            file: binary,
            // biome-ignore format: one option and its value per line
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
          },
        ]
      },
      readyPath: '/_health',
      ready: async (response) => (response.ok ? builtVersion(binary) : undefined),
    })
    return onLoopback(launched, credentials)
  },
  differences: {
    'key with a leading slash': { status: 200, code: OTHER_KEY, why: 'keys are file system paths' },
    'key with double slashes': { status: 200, code: OTHER_KEY, why: 'keys are file system paths' },
    'key with a trailing slash': { status: 400, code: 'DirectoryObjectContainsData', why: 'it names a directory' },
    'key with a . segment': pathAsReceived,
    'key with a .. segment': pathAsReceived,
    'key with a leading . segment': pathAsReceived,
    'key with a trailing .. segment': pathAsReceived,
    'presigned: escapes of the path sent in lower case': pathAsReceived,
    'signed body hash': payloadIsUnsigned,
    'presigned: body differs from its signed hash': payloadIsUnsigned,
    'unknown session token': {
      status: 400,
      code: 'AuthorizationQueryParametersError',
      why: 'it does not support temporary credentials',
    },
    'header: unknown session token': { status: 200, why: 'the header is not checked, only its signature' },
    'presigned: date an hour ahead': { status: 200, why: 'only the expiry is checked' },
    'form: the file names the object': {
      status: 404,
      code: 'NoSuchKey',
      why: 'the file name variable is not replaced',
    },
    'form: signed two hours ago for a day': {
      status: 403,
      code: 'AccessDenied',
      why: 'it accepts forms for an hour after their signing date',
    },
    'form: access key unknown': { status: 404, code: 'XAdminUserNotFound', why: 'its own code' },
    'form: unknown session token': { status: 204, why: 'the field is not checked, only its condition' },
    'form: fields after the file': { status: 204, why: 'its HTTP library moves fields first' },
    'presigned: access key unknown': { status: 404, code: 'XAdminUserNotFound', why: 'its own code' },
    'header: access key unknown': { status: 404, code: 'XAdminUserNotFound', why: 'its own code' },
    'presigned: Authorization header as well': { status: 200, why: 'the query is checked and the header ignored' },
  },
}
