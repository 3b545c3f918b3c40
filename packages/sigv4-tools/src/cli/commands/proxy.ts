import { hostScope } from '../../../../../src/internal/services.ts'
import { type LoggedRequest, type ProxyMode, type ProxyOptions, proxy } from '../../proxy.ts'
import { defaultRegion, readClientCredentials } from '../input/credentials.ts'
import { decodeText, readInput } from '../input/files.ts'
import { refreshingCredentials } from '../input/refresh.ts'
import { parseCount, parseSize } from '../input/values.ts'
import { createSummary, jsonLine, progressLine, proxyBanner, requestLines, waitingLine } from '../output/proxy.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { got, hideSecrets, rejectAddress, usage, withFlags } from '../program/errors.ts'
import { IDENTITY, type OptionName, optionOf } from '../program/options.ts'

const PORT = '8080'
/** Milliseconds after which the progress of transfers is shown again. */
const PROGRESS_INTERVAL = 250
/** Maximum size of a certificate or a key. */
const MAX_PEM = 1024 * 1024

export const proxyCommand: Command = {
  name: 'proxy',
  summary: 'Run a proxy that signs, signs again, or explains requests',
  usage: ['proxy UPSTREAM [--resign | --watch] [options]'],
  examples: [
    ['a tool that cannot sign', 'npx sigv4-tools proxy https://search-logs.eu-west-1.es.amazonaws.com'],
    ['keep the keys from an agent', 'npx sigv4-tools proxy https://s3.eu-west-1.amazonaws.com --resign'],
    ['see rejected requests as received, and the cause', 'npx sigv4-tools proxy http://127.0.0.1:9000 --watch'],
  ],
  options: [
    ...(['resign', 'watch', 'client-credentials', ...IDENTITY, 'credential-command', 'service', 'region'] as const),
    ...(['port', 'host', 'tls-cert', 'tls-key', 'health', 'allow-host', 'token', 'cors', 'connect'] as const),
    ...(['prefix', 'sign-query', 'cookies', 'max-body', 'read-only', 'allow', 'allow-http'] as const),
    ...(['allow-service', 'allow-region', 'allow-presigned', 'json'] as const),
  ],
  help: {
    port: `Port; 0 for any free port (default ${PORT})`,
    host: 'Address to listen on (default: this machine only)',
    cors: 'Site whose pages may use it (repeatable)',
    region: 'Region to sign for (default: of the host)',
    json: 'Print one JSON object per request',
  },
  run,
}

async function run(call: Call): Promise<0> {
  checkCount(call, 1)
  const [upstream] = call.positionals
  if (upstream === undefined) usage("the upstream is missing. Use 'npx sigv4-tools proxy https://…'.")
  if (!/^https?:\/\//i.test(upstream)) usage(`the upstream must start with https:// or http://${got(upstream)}.`)
  for (const name of ['allow', 'allow-host', 'allow-service', 'allow-region', 'cors'] as const)
    if (call.values(name).includes('')) usage(`--${name} requires a value: --${name} ${optionOf(name).value}.`)
  if (call.has('resign') && call.has('watch')) usage('--resign and --watch cannot be combined.')
  if (call.has('client-credentials') && !call.has('resign')) usage('--client-credentials requires --resign.')
  const mode: ProxyMode = call.has('resign') ? 'resign' : call.has('watch') ? 'watch' : 'sign'
  const port = parseCount('--port', call.value('port') ?? PORT, 65_535)
  const host = call.value('host') || undefined
  const health = call.value('health')
  const maxBody = call.value('max-body')
  const clientCredentials = await readClientCredentials(call)
  const { accessKeyId, ...credentials } = await refreshingCredentials(call, mode !== 'watch')
  if (clientCredentials && clientCredentials.accessKeyId === accessKeyId)
    usage(
      '--client-credentials contains the access key ID of the credentials to sign with. Pass a different key, which is worthless elsewhere, or omit it to generate one.',
    )
  const summary = createSummary()
  const options: ProxyOptions = {
    upstream,
    mode,
    ...credentials,
    clientCredentials,
    port,
    host,
    tls: await readTls(call),
    health: health === undefined ? undefined : parseCount('--health', health, 65_535),
    service: call.value('service') || undefined,
    region: await regionOf(call, mode, upstream),
    connect: call.value('connect'),
    prefix: call.value('prefix'),
    signQuery: switchOf(call, 'sign-query'),
    cookies: switchOf(call, 'cookies'),
    maxBody: maxBody === undefined ? undefined : parseSize('--max-body', maxBody),
    token: await readToken(call),
    allowHosts: call.values('allow-host'),
    cors: call.values('cors'),
    allowHttp: switchOf(call, 'allow-http'),
    readOnly: switchOf(call, 'read-only'),
    allow: call.values('allow'),
    allowServices: listOf(call, 'allow-service'),
    allowRegions: listOf(call, 'allow-region'),
    allowPresigned: switchOf(call, 'allow-presigned'),
    log: (request: LoggedRequest) => {
      summary.add(request)
      const error = request.error && withFlags(hideSecrets(request.error, call.secrets))
      const logged = { ...request, error }
      call.print(call.has('json') ? jsonLine(logged) : requestLines(call, logged))
    },
  }
  const interrupted = call.terminal.interrupted()
  const running = await proxy(options).catch((error: NodeJS.ErrnoException) => rejectStart(error, options))
  const write = call.has('json') ? call.note : call.print
  write(proxyBanner(call, running, options, accessKeyId))
  const progress = call.has('json') ? undefined : call.status
  const timer = progress && setInterval(() => progress(progressLine(running.transfers())), PROGRESS_INTERVAL)
  await interrupted
  call.note(waitingLine(running.transfers().length))
  await running.close()
  clearInterval(timer)
  call.note(`\n${summary.text()}`)
  return 0
}

/** Rethrows an error of the library, and explains one of the operating system. */
function rejectStart(
  error: NodeJS.ErrnoException & { readonly port?: number },
  { port = 0, health, host }: ProxyOptions,
): never {
  if (typeof error.code === 'string' && /^ERR_/.test(error.code)) throw error
  return error.port !== undefined && error.port === health
    ? rejectAddress(error, health, host, '--health')
    : rejectAddress(error, port, host)
}

/** Returns the region to sign for. Requests that are watched have their own. */
async function regionOf(call: Call, mode: ProxyMode, upstream: string): Promise<string | undefined> {
  const option = call.value('region')
  if (option || mode === 'watch' || call.has('allow-region')) return option || undefined
  const [, host = ''] = /^https?:\/\/([^/?#]*)/i.exec(upstream) ?? []
  return hostScope(host).region ?? (await defaultRegion(call))
}

async function readTls(call: Call): Promise<ProxyOptions['tls']> {
  const cert = call.value('tls-cert')
  const key = call.value('tls-key')
  if (cert === undefined && key === undefined) return undefined
  if (key === undefined) usage('--tls-cert requires --tls-key, the private key of the certificate.')
  if (cert === undefined) usage('--tls-key requires --tls-cert, the certificate of the private key.')
  const read = async (option: string, file: string): Promise<string> =>
    decodeText(await readInput(call, option, file, MAX_PEM))
  return { cert: await read('--tls-cert', cert), key: await read('--tls-key', key) }
}

async function readToken(call: Call): Promise<string | undefined> {
  const file = call.value('token')
  if (file === undefined) return undefined
  const token = decodeText(await readInput(call, '--token', file, 4096)).trim()
  call.secrets.push(token)
  return token
}

function switchOf(call: Call, name: OptionName): true | undefined {
  return call.has(name) || undefined
}

function listOf(call: Call, name: OptionName): readonly string[] | undefined {
  return call.has(name) ? call.values(name) : undefined
}
