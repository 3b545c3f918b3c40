import { randomBytes } from 'node:crypto'
import { explain } from '../explain.ts'
import type { Explain } from '../serve/endpoint.ts'
import { serve } from '../serve/server.ts'
import { checkCount } from './arguments.ts'
import type { Call, Command } from './command.ts'
import { type FoundCredentials, findCredentials } from './credentials.ts'
import { shown, usage } from './failure.ts'
import { IDENTITY } from './options.ts'
import { parseCount, parseSize } from './values.ts'

export const serveCommand: Command = {
  name: 'serve',
  summary: 'a local server that speaks S3 and verifies every request',
  usage: ['serve [options]'],
  notes: [
    'For developing and debugging what signs requests. Buckets appear on first use; objects are kept in memory.',
    'Takes requests signed with the credentials that the environment or an option names; without any, it makes up a pair for the session. Ctrl-C ends it.',
  ],
  examples: [
    ['in memory, on port 9000, with credentials that are made up', 'sigv4 serve'],
    ['objects in a folder, on any free port', 'sigv4 serve --dir ./objects --port 0'],
    ['what does my client do wrong?', 'sigv4 serve --explain'],
    ['the keys of your tests', 'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test sigv4 serve'],
  ],
  options: ['port', 'host', 'dir', 'max-bytes', 'region', 'allow-small-chunks', 'explain', ...IDENTITY],
  help: {
    host: 'interface to listen on (default 127.0.0.1, which only this machine reaches)',
    region: 'the one region that requests must be signed for (default any)',
    profile: 'profile of ~/.aws/credentials and ~/.aws/config, whose keys clients must use',
    credentials: 'file with the credentials that clients must use, as JSON that a credential process prints',
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkCount(call, 0)
  const [host, maxBytes] = [call.value('host') || undefined, call.value('max-bytes')]
  const port = parseCount('--port', call.value('port') ?? '9000', 65_535)
  const region = call.value('region') || undefined
  const found = await findCredentials(call)
  const credentials = found ?? makeUp()
  const interrupted = call.terminal.interrupted()
  const server = await serve({
    credentials,
    port,
    host,
    dir: call.value('dir') || undefined,
    region,
    maxBytes: maxBytes === undefined ? undefined : parseSize('--max-bytes', maxBytes),
    allowSmallChunks: call.has('allow-small-chunks'),
    explain: call.has('explain') ? (...rejected) => explanation(credentials, ...rejected) : undefined,
    log: (line) => call.print(`${line}\n`),
  }).catch((error: NodeJS.ErrnoException) => refuseToListen(error, port, host))
  call.print(`${server.banner.join('\n')}\n\n`)
  call.print(found ? '' : `Made up for this session:\n\n${exportLines(credentials, region)}\n`)
  call.print(hints(server.url, region, call))
  await interrupted
  await server.close()
  call.note('Stopped.\n')
  return 0
}

/** Why a request was refused, in its own answer: any client in any language shows it. */
function explanation(
  credentials: FoundCredentials,
  { status }: { readonly status: number },
  { method, url, headers, rawHeaders }: Parameters<Explain>[1],
  body: string,
): string {
  const request = { method, url, headers, rawHeaders }
  const { verdict, findings } = explain({ request, response: { status, body }, credentials })
  return findings[0] ? `${verdict} Fix: ${findings[0].fix}` : verdict
}

/** A pair that looks like one of AWS, and is good for nothing else. */
function makeUp(): FoundCredentials {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const id = Array.from(randomBytes(16), (byte) => letters[byte % 32]).join('')
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') }
}

function exportLines({ accessKeyId, secretAccessKey }: FoundCredentials, region = 'us-east-1'): string {
  const lines = [`AWS_ACCESS_KEY_ID=${accessKeyId}`, `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`, `AWS_REGION=${region}`]
  return lines.map((line) => `  export ${line}\n`).join('')
}

function hints(url: string, region = 'us-east-1', { paint }: Call): string {
  const rows = [
    ['AWS CLI', `aws --endpoint-url ${url} s3 cp cat.jpg s3://photos/`],
    ['AWS SDK', `new S3Client({ endpoint: '${url}', region: '${region}', forcePathStyle: true })`],
    ['curl', `npx sigv4 presign put s3://photos/cat.jpg --endpoint ${url} --region ${region} --curl | sh`],
  ] as const
  return `Use it with those credentials in the environment:\n\n${rows.map(([name, text]) => `  ${paint('dim', name.padEnd(9))}${text}\n`).join('')}\n`
}

function refuseToListen(error: NodeJS.ErrnoException, port: number, host = '127.0.0.1'): never {
  if ('argument' in error) throw error
  const { code, message } = error
  if (code === 'EADDRINUSE') usage(`port ${port} is taken: choose another with --port, or 0 for any free one`)
  if (code === 'EACCES') usage(`port ${port} is not allowed to this user: choose one over 1023 with --port`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    usage(`--host${shown(host)} is no address of this machine`)
  usage(`the server does not start: ${message}`)
}
