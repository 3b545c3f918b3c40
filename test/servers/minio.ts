import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ANY_CODE, type Difference, OTHER_KEY } from './differences.ts'
import { run, ServerUnavailable } from './install.ts'
import { launch, type RunningServer, type ServerDefinition } from './server.ts'

/** `MINIO_ENDPOINT` uses a server that runs already, with `MINIO_ROOT_USER`, `MINIO_ROOT_PASSWORD`, `MINIO_DOMAIN`. */
function running(endpoint: string): RunningServer {
  const { MINIO_ROOT_USER, MINIO_ROOT_PASSWORD, MINIO_DOMAIN = 's3.localhost', MINIO_SITE_REGION } = process.env
  const { protocol, port } = new URL(endpoint)
  return {
    version: 'unknown',
    endpoint: endpoint.replace(/\/$/, ''),
    virtualHostEndpoint: `${protocol}//${MINIO_DOMAIN}${port && `:${port}`}`,
    region: MINIO_SITE_REGION ?? 'us-east-1',
    credentials: { accessKeyId: MINIO_ROOT_USER ?? 'minioadmin', secretAccessKey: MINIO_ROOT_PASSWORD ?? 'minioadmin' },
    stop: async () => {},
  }
}

/** `MINIO_BIN`, or a `minio` on the PATH: it is used where it is, never installed. */
function findBinary(): string {
  const { MINIO_BIN, PATH = '' } = process.env
  const candidates = MINIO_BIN ? [MINIO_BIN] : PATH.split(delimiter).map((folder) => join(folder, 'minio'))
  const found = candidates.find(isExecutable)
  if (found) return found
  throw new ServerUnavailable(
    MINIO_BIN ? `MINIO_BIN=${MINIO_BIN} cannot be run` : 'set MINIO_BIN or MINIO_ENDPOINT, or put minio on the PATH',
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const badKey: Difference = { status: 400, code: 'XMinioInvalidObjectName', why: 'keys are paths of a file system' }
const invalidToken: Difference = { status: 403, code: 'InvalidTokenId', why: 'its own code' }
const unsignedHeaders: Difference = { status: 400, code: 'AccessDenied', why: 'its status for all that is unsigned' }

export const minio: ServerDefinition = {
  name: 'minio',
  verifies: { query: true, header: true, form: true },
  async start(progress) {
    const { MINIO_ENDPOINT } = process.env
    if (MINIO_ENDPOINT) return running(MINIO_ENDPOINT)
    const binary = findBinary()
    const { output } = await run(binary, ['--version'])
    const release = /RELEASE\.\S+/.exec(output)?.[0] ?? 'unknown'
    const credentials = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }
    progress(`starting MinIO ${release}`)
    const { version, port, stop } = await launch({
      name: 'minio',
      commands: (port, folder) => [
        {
          file: binary,
          args: ['server', '--address', `127.0.0.1:${port}`, join(folder, 'data')],
          env: {
            MINIO_ROOT_USER: credentials.accessKeyId,
            MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
            // Without a region it takes any.
            MINIO_SITE_REGION: 'us-east-1',
            MINIO_DOMAIN: 's3.localhost',
            MINIO_BROWSER: 'off',
            MINIO_UPDATE: 'off',
          },
        },
      ],
      readyPath: '/minio/health/live',
      ready: async (response) => (response.ok ? release : undefined),
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
  // Not run here yet: taken from measurements of MinIO's releases of early 2026 by others, and from its source.
  differences: {
    'key with a leading slash': { status: 200, code: OTHER_KEY, why: 'leading slashes are cut off' },
    'key with double slashes': badKey,
    'key with a . segment': badKey,
    'key with a .. segment': badKey,
    'key with a leading . segment': badKey,
    'key with a trailing .. segment': badKey,
    'session token that nobody issued': invalidToken,
    'header: session token that nobody issued': invalidToken,
    'presigned: region wrong': { status: 400, code: 'AuthorizationHeaderMalformed', why: 'its own code' },
    'presigned: service wrong': { status: 400, code: 'AuthorizationParametersError', why: 'its own code' },
    'header: service wrong': { status: 400, code: 'AuthorizationParametersError', why: 'its own code' },
    'presigned: bound content type not sent': unsignedHeaders,
    'presigned: bound metadata not sent': unsignedHeaders,
    'presigned: metadata sent but not signed': unsignedHeaders,
    'header: metadata sent but not signed': { status: 200, why: 'only presigned requests must sign it' },
    'header: x-amz-content-sha256 missing': { status: 200, why: 'it stands for an empty body' },
    'form: encryption by the server': { status: 501, code: 'NotImplemented', why: 'it has been given no key for it' },
    'presigned: Authorization header as well': { status: 400, code: ANY_CODE, why: 'its own code' },
  },
}
