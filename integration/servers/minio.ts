import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { sign } from '../../src/index.ts'
import { type Difference, OTHER_KEY } from './differences.ts'
import { run, ServerUnavailable } from './install.ts'
import { launch, onLoopback, type RunningServer, type ServerDefinition, type SessionCredentials } from './server.ts'
import { accepted, send, text } from './wire.ts'

/** `MINIO_ENDPOINT` uses a running server, with `MINIO_ROOT_USER`, `MINIO_ROOT_PASSWORD` and `MINIO_DOMAIN`. */
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

/** `MINIO_BIN`, or `minio` on the PATH. It is never installed. */
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

/** Requests temporary credentials with `AssumeRole`, at the S3 endpoint. */
async function issueSession({ endpoint, region, credentials }: RunningServer): Promise<SessionCredentials> {
  const request = {
    method: 'POST',
    url: `${endpoint}/`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=AssumeRole&Version=2011-06-15&DurationSeconds=900',
  }
  const document = text(accepted(await send(await sign(request, { credentials, region, service: 'sts' }))))
  const read = (name: string) => {
    const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(document)?.[1]
    if (!value) throw new Error(`The response to AssumeRole contains no ${name}`)
    return value
  }
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('SessionToken'),
  }
}

const dotSegment: Difference = {
  status: 400,
  code: 'XMinioInvalidResourceName',
  why: 'keys are file system paths: . and .. segments are rejected in every path',
}
const invalidToken: Difference = { status: 403, code: 'InvalidTokenId', why: 'its own code for every token error' }
const malformedForm: Difference = {
  status: 400,
  code: 'MalformedPOSTRequest',
  why: 'its own code for a form without a key before the file',
}

/** Each request of a session whose token is missing or wrong. A removed header is first reported as unsigned. */
const sessionTokens: Record<string, Difference> = Object.fromEntries(
  ['query', 'header', 'form'].flatMap((location) =>
    [
      'token removed after signing',
      'token altered after signing',
      'token replaced after signing',
      'signed without the token',
      'signed with an altered token',
      'signed with the token of a different session',
    ].map((problem) => [`session: ${location}, ${problem}`, invalidToken]),
  ),
)
const unsignedHeaders: Difference = { status: 400, code: 'AccessDenied', why: 'its status for unsigned requests' }

const checksum: Difference = { status: 400, code: 'XAmzContentChecksumMismatch', why: 'its own code for checksums' }
const ignoredChecksum: Difference = { status: 200, why: 'ignores the checksum' }

/** Every request with a checksum that does not match its body, also with temporary credentials. */
const checksums: Record<string, Difference> = Object.fromEntries(
  [
    ...['CRC32, COMPOSITE', 'CRC32, FULL_OBJECT', 'CRC32C, COMPOSITE', 'CRC32C, FULL_OBJECT', 'CRC64NVME, FULL_OBJECT']
      .concat('SHA1, COMPOSITE', 'SHA256, COMPOSITE')
      .map((name) => [`multipart upload: a part with ${name}, and one changed byte`, checksum] as const),
    ...['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'].map(
      (name) => [`form: ${name} and one changed byte`, checksum] as const,
    ),
    ...['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'].map(
      (name) =>
        [
          `presignPut with ${name} and one changed byte`,
          name === 'SHA512' || name === 'MD5' ? ignoredChecksum : checksum,
        ] as const,
    ),
  ].flatMap(([name, difference]) => [
    [name, difference],
    ...(name.startsWith('form') ? [] : [[`session: ${name}`, difference]]),
  ]),
)

export const minio: ServerDefinition = {
  name: 'minio',
  measuredVersion: 'RELEASE.2026-02-12T20-18-48Z',
  verifies: { query: true, header: true, form: true },
  async start(progress) {
    const { MINIO_ENDPOINT } = process.env
    if (MINIO_ENDPOINT) return running(MINIO_ENDPOINT)
    const binary = findBinary()
    const { output } = await run(binary, ['--version'])
    const release = /RELEASE\.\S+/.exec(output)?.[0] ?? 'unknown'
    const credentials = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }
    progress(`starting MinIO ${release}`)
    const launched = await launch({
      name: 'minio',
      commands: (port, folder) => [
        {
          file: binary,
          args: ['server', '--address', `127.0.0.1:${port}`, join(folder, 'data')],
          env: {
            MINIO_ROOT_USER: credentials.accessKeyId,
            MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
            // Without a configured region, it accepts any.
            MINIO_SITE_REGION: 'us-east-1',
            MINIO_DOMAIN: 's3.localhost',
            MINIO_BROWSER: 'off',
            MINIO_UPDATE: 'off',
          },
        },
      ],
      readyPath: '/minio/health/live',
      // it is live before it accepts credentials, and until then responds with XMinioServerNotInitialized
      async ready({ ok, url }) {
        const request = await sign({ url: new URL('/', url).href }, { credentials, region: 'us-east-1', service: 's3' })
        return ok && (await fetch(request.url, request)).ok ? release : undefined
      },
    })
    return onLoopback(launched, credentials)
  },
  issueSession,
  differences: {
    ...checksums,
    'key with a leading slash': { status: 200, code: OTHER_KEY, why: 'leading slashes are removed' },
    'key with double slashes': {
      status: 400,
      code: 'XMinioInvalidObjectName',
      why: 'keys are file system paths: empty segments are rejected',
    },
    'key with a . segment': dotSegment,
    'key with a .. segment': dotSegment,
    'key with a leading . segment': dotSegment,
    'key with a trailing .. segment': dotSegment,
    'unknown session token': invalidToken,
    'header: unknown session token': invalidToken,
    'presigned: region wrong': {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      why: 'its code for headers, also used for presigned URLs',
    },
    'presigned: service wrong': { status: 400, code: 'AuthorizationParametersError', why: 'its own code' },
    'header: service wrong': { status: 400, code: 'AuthorizationParametersError', why: 'its own code' },
    'presigned: signed content type missing': unsignedHeaders,
    'presigned: signed metadata missing': unsignedHeaders,
    'presigned: unsigned metadata': unsignedHeaders,
    'header: unsigned metadata': { status: 200, why: 'only presigned requests must sign it' },
    'header: x-amz-content-sha256 missing': { status: 200, why: 'it represents an empty body' },
    ...sessionTokens,
    'session: header, token removed after signing': unsignedHeaders,
    'form: signature missing': {
      status: 403,
      code: 'SignatureDoesNotMatch',
      why: 'a missing signature is treated as empty',
    },
    'form: credential missing': {
      status: 400,
      code: 'AuthorizationQueryParametersError',
      why: 'its code for presigned URLs, also used for the fields of a form',
    },
    'form: key missing': malformedForm,
    'form: fields after the file': malformedForm,
    'form: region wrong': {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      why: 'its code for headers, also used for the fields of a form',
    },
    'form: unknown session token': invalidToken,
    'form: encryption by the server': { status: 501, code: 'NotImplemented', why: 'it does not have a key for it' },
    'presigned: Authorization header as well': { status: 400, code: 'AccessDenied', why: 'its own code' },
  },
}
