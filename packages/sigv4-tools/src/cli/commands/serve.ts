import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { parseOrigin } from '../../serve/http/cors.ts'
import { serve } from '../../serve.ts'
import { findCredentials } from '../input/credentials.ts'
import { parseCount, parseShare, parseSize, timerOption } from '../input/values.ts'
import { banner } from '../output/banner.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { got, rejectAddress, usage, withFlags } from '../program/errors.ts'
import { IDENTITY, type OptionName } from '../program/options.ts'

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Run a local S3-compatible server that verifies every request',
  usage: ['serve [options]'],
  notes: [
    'A bucket is created by the first upload to it. Names of files in --dir are hashes, because a key can be a name that a file cannot have.',
    'Clients must sign with the credentials from the environment, --profile or --credentials. Without any, the server generates an access key.',
    "boto3 presigns with Signature Version 2 in older regions, such as us-east-1, which is rejected: pass config=Config(signature_version='s3v4').",
  ],
  examples: [
    ['start on port 9000, in memory, with a generated access key', 'npx sigv4-tools serve'],
    ['explain rejected signatures, and log the requests as received', 'npx sigv4-tools serve --explain'],
    [
      'test retries: every fifth request fails, and the clock is wrong',
      'npx sigv4-tools serve --fail-rate 0.2 --skew 1h',
    ],
    ['use the access key of your tests', 'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test npx sigv4-tools serve'],
  ],
  options: [
    ...(['port', 'host', 'cors', 'dir', 'max-bytes', 'region', 'allow-small-chunks', 'explain'] as const),
    ...(['skew', 'fail-rate', 'throttle', 'redirect-region', 'expire-token'] as const),
    ...IDENTITY,
  ],
  help: {
    host: 'Address to listen on (default 127.0.0.1)',
    region: 'Region to be signed for (default any)',
    profile: 'Profile with the credentials that clients must use',
    credentials: 'JSON with these credentials (- for standard input)',
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkCount(call, 0)
  const host = call.value('host') || undefined
  const port = parseCount('--port', call.value('port') ?? '9000', 65_535)
  const region = call.value('region') || undefined
  const credentials = await findCredentials(call)
  const interrupted = call.terminal.interrupted()
  const options = {
    credentials,
    port,
    host,
    dir: call.value('dir') || undefined,
    region,
    cors: parseOrigins('--cors', call.values('cors')),
    maxBytes: parsed(call, 'max-bytes', parseSize),
    allowSmallChunks: call.has('allow-small-chunks'),
    explain: call.has('explain'),
    skew: timerOption(call, 'skew', true),
    failRate: parsed(call, 'fail-rate', parseShare),
    throttle: parsed(call, 'throttle', (option, text) => parseCount(option, text, 1_000_000, 1)),
    redirectRegion: call.value('redirect-region') || undefined,
    expireToken: timerOption(call, 'expire-token'),
    log: (entry: string) => call.print(`${withFlags(entry)}\n`),
  }
  const server = await serve(options).catch((error: NodeJS.ErrnoException) => rejectAddress(error, port, host))
  call.print(`${banner(server, options, call.width).join('\n')}\n\n`)
  const clientRegion = region ?? 'us-east-1'
  call.print(credentials ? '' : `Generated credentials:\n\n${exportLines(server.credentials, clientRegion)}\n`)
  call.print(hints(server.url, clientRegion, call))
  await interrupted
  await server.close()
  call.note('Stopped.\n')
  return 0
}

function parsed(call: Call, name: OptionName, parse: (option: string, text: string) => number): number | undefined {
  const text = call.value(name)
  return text === undefined ? undefined : parse(`--${name}`, text)
}

function exportLines({ accessKeyId, secretAccessKey }: SecretCredentials, region: string): string {
  const lines = [`AWS_ACCESS_KEY_ID=${accessKeyId}`, `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`, `AWS_REGION=${region}`]
  return lines.map((line) => `  export ${line}\n`).join('')
}

function hints(url: string, region: string, { paint }: Call): string {
  const rows = [
    ['AWS CLI', `aws --endpoint-url ${url} s3 cp cat.jpg s3://photos/`],
    ['AWS SDK', `new S3Client({ endpoint: '${url}', region: '${region}', forcePathStyle: true })`],
    ['boto3', `boto3.client('s3', endpoint_url='${url}', config=Config(signature_version='s3v4'))`],
    ['curl', `npx sigv4-tools presign put s3://photos/cat.jpg --endpoint ${url} --region ${region} --curl | sh`],
  ] as const
  return `Usage, with these credentials in the environment:\n\n${rows.map(([name, text]) => `  ${paint('dim', name.padEnd(9))}${text}\n`).join('')}\n`
}

/** Parses origins such as `https://app.example`, or `*` for all. */
function parseOrigins(option: string, texts: readonly string[]): string[] {
  return texts.map((text) => {
    const origin = parseOrigin(text)
    if (origin === undefined) usage(`${option} must be an origin such as https://app.example, or *${got(text)}.`)
    return origin
  })
}
