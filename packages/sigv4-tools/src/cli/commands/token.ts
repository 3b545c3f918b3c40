import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { formatIsoDate } from '../../../../../src/internal/encoding.ts'
import { isSigV4Error } from '../../../../../src/internal/errors.ts'
import { hostScope } from '../../../../../src/internal/services.ts'
import {
  bedrockKey,
  cacheToken,
  codecommitCredentials,
  dsqlToken,
  eksToken,
  type Lifetime,
  mskToken,
  rdsToken,
  sesSmtpPassword,
  type TokenOptions,
} from '../../../../../src/tokens.ts'
import { defaultRegion, requireCredentials } from '../input/credentials.ts'
import { decodeText, readInput } from '../input/files.ts'
import { dateOption, expiresOption } from '../input/values.ts'
import { noteExpiry, printJson } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { got, usage } from '../program/errors.ts'
import { IDENTITY, type OptionName } from '../program/options.ts'

/** The output for a token. */
interface Printed {
  /** The result of the library, for `--json`. */
  readonly result: object
  /** The token in the format that the client reads. */
  readonly text: string
  /** Expiration to report to people; missing for kubectl and git, which would show it each time, and renew the token anyway. */
  readonly life?: Lifetime
}

interface Kind {
  /** Options that only some kinds support. */
  readonly options?: readonly OptionName[]
  /** Longest lifetime. */
  readonly limit?: string
  readonly create: (call: Call, options: TokenOptions & { credentials: SecretCredentials }) => Promise<Printed>
}

const KINDS: Readonly<Record<string, Kind>> = {
  rds: {
    options: ['user', 'expires'],
    limit: '15m',
    create: async (call, options) => {
      const { host, port } = parseHost(requireTarget(call, 'the host', 'HOST:PORT'))
      if (port === undefined) usage('the port is missing. Pass HOST:PORT.')
      const target = { host, port, user: requireUser(call), region: regionFor(call, host, 'rds-db') }
      return printed(await rdsToken(target, options))
    },
  },
  dsql: {
    options: ['admin', 'expires'],
    limit: '7d',
    create: async (call, options) => {
      const { host } = parseHost(requireTarget(call, 'the host', 'HOST'))
      const target = { host, admin: call.has('admin'), region: regionFor(call, host, 'dsql') }
      return printed(await dsqlToken(target, options))
    },
  },
  cache: {
    options: ['user', 'serverless', 'service', 'expires'],
    limit: '15m',
    create: async (call, options) => {
      const cache = requireTarget(call, 'the name of the cache', 'NAME')
      const service = call.value('service') ?? 'elasticache'
      if (service !== 'elasticache' && service !== 'memorydb')
        usage(`--service must be elasticache or memorydb${got(service)}.`)
      const serverless = call.has('serverless')
      const target = { cache, service, serverless, user: requireUser(call), region: await requireRegion(call) } as const
      return printed(await cacheToken(target, options))
    },
  },
  msk: {
    options: ['expires'],
    limit: '15m',
    create: async (call, options) => {
      const [, broker = ''] = call.positionals
      const { service = '', region } = hostScope(broker)
      const isIdentified = region && service.startsWith('kafka') && !call.has('region')
      return printed(await mskToken(isIdentified ? broker : { region: await requireRegion(call) }, options))
    },
  },
  eks: {
    create: async (call, options) => {
      const cluster = requireTarget(call, 'the name of the cluster', 'NAME')
      const result = await eksToken({ cluster, region: await requireRegion(call) }, options)
      return { result, text: execCredential(call, result) }
    },
  },
  bedrock: {
    options: ['expires'],
    limit: '12h',
    create: async (call, options) => {
      checkCount(call, 1)
      return printed(await bedrockKey({ region: await requireRegion(call) }, options))
    },
  },
  codecommit: { options: ['host'], create: gitCredentials },
  'ses-smtp': {
    create: async (call, { credentials }) => {
      checkCount(call, 1)
      const result = await sesSmtpPassword({ region: await requireRegion(call) }, { credentials })
      return { result, text: `${result.password}\n` }
    },
  },
}

export const tokenCommand: Command = {
  name: 'token',
  summary: 'Create a password or token from AWS credentials',
  usage: [
    'token rds HOST:PORT --user NAME [options]',
    'token dsql HOST [--admin] [options]',
    'token cache NAME --user NAME [--serverless] [options]',
    'token msk [BROKER] [options]',
    'token eks CLUSTER [options]',
    'token bedrock|ses-smtp [options]',
    'token codecommit get [options]',
  ],
  notes: [
    'Prints exactly what the client reads: the password or token, for eks an ExecCredential, for codecommit what git reads from a credential helper.',
  ],
  examples: [
    ['sign in to PostgreSQL', 'PGPASSWORD=$(npx sigv4-tools token rds "$PGHOST:5432" --user jane) psql'],
    ['for kubectl, in the kubeconfig', 'npx sigv4-tools token eks my-cluster --region eu-west-1'],
    [
      'for git, with credential.UseHttpPath',
      "git config credential.https://git-codecommit.eu-west-1.amazonaws.com.helper \\\n      '!npx sigv4-tools token codecommit'",
    ],
  ],
  options: ['user', 'admin', 'serverless', 'host', 'expires', 'region', 'service', 'now', ...IDENTITY, 'json'],
  help: {
    expires: 'Lifetime, such as 10m (default and limit 15m; bedrock 12h; dsql up to 7d)',
    service: 'elasticache or memorydb (default elasticache)',
    host: 'Git host to send credentials to (default CodeCommit)',
  },
  run,
}

async function run(call: Call): Promise<0> {
  const [name] = call.positionals
  const names = Object.keys(KINDS).join(', ')
  if (name === undefined) usage(`the kind of token is missing. Pass one of ${names}.`)
  if (!Object.hasOwn(KINDS, name)) usage(`the kind of token must be one of ${names}${got(name)}.`)
  checkCount(call, 2)
  const { options = [], limit, create } = KINDS[name]!
  for (const option of ['user', 'admin', 'serverless', 'host', 'service', 'expires'] as const)
    if (call.has(option) && !options.includes(option)) usage(`--${option} is not supported for ${name}.`)
  const expires = expiresOption(call)
  const signedAt = dateOption(call, 'now')
  if (signedAt && name === 'ses-smtp') usage('--now is not supported for ses-smtp.')
  const credentials = await requireCredentials(call)
  try {
    const { result, text, life } = await create(call, { credentials, now: signedAt, ...(expires && { expires }) })
    if (call.has('json')) printJson(call, result)
    else call.print(text)
    if (life) noteExpiry(call, 'token', life.expiresAt, life.limitedBy)
  } catch (error) {
    if (isSigV4Error(error) && error.code === 'ERR_SIGV4_EXPIRES_RANGE')
      usage(`--expires must be between 1s and ${limit}${got(call.value('expires') ?? '')}.`)
    throw error
  }
  return 0
}

function printed(result: { token: string } & Lifetime): Printed {
  return { result, text: `${result.token}\n`, life: result }
}

function requireTarget({ positionals }: Call, what: string, placeholder: string): string {
  return positionals[1] || usage(`${what} is missing. Use 'npx sigv4-tools token ${positionals[0]} ${placeholder}'.`)
}

function requireUser(call: Call): string {
  return call.value('user') || usage('the user is missing. Pass --user NAME.')
}

function parseHost(text: string): { host: string; port: number | undefined } {
  const [, host, port] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  if (host === undefined) usage(`the host must be a name, or HOST:PORT${got(text)}.`)
  return { host, port: port === undefined ? undefined : Number(port) }
}

async function requireRegion(call: Call): Promise<string> {
  const region = call.value('region') || (await defaultRegion(call))
  return region || usage('the region is missing. Pass --region or set AWS_REGION.')
}

/** Returns --region. The region of the environment is not used for other hosts: a token for a CNAME would be rejected. */
function regionFor(call: Call, host: string, signingName: 'rds-db' | 'dsql'): string | undefined {
  const { service = '', region } = hostScope(host)
  if (!call.value('region') && !(region && service.startsWith(signingName)))
    usage(
      `the host must be the endpoint of the database, not a CNAME${got(host)}. If it is the endpoint, pass --region.`,
    )
  return call.value('region')
}

/** Formats the output of a credential plugin for kubectl, in the version that it requests. */
function execCredential(call: Call, { token, expiresAt }: { token: string } & Lifetime): string {
  const info = call.terminal.env.KUBERNETES_EXEC_INFO || '{}'
  const [, apiVersion = 'client.authentication.k8s.io/v1'] = /"apiVersion":\s*"([\w./]+)"/.exec(info) ?? []
  // one minute earlier, so that no request arrives too late
  const expirationTimestamp = formatIsoDate(Math.floor(Number(expiresAt) / 1000) - 60)
  const status = { expirationTimestamp, token }
  return `${JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: {}, status })}\n`
}

/**
 * Responds to git as a credential helper, only for CodeCommit or the named host. For other hosts, git uses its next helper:
 * a helper that is configured without a host is run for every host, and git would send the session token to it.
 */
async function gitCredentials(call: Call, { credentials, now: signedAt }: TokenOptions): Promise<Printed> {
  const [, action] = call.positionals
  if (action === 'store' || action === 'erase') return { result: {}, text: '' }
  if (action !== 'get') usage(`codecommit requires the action get, which git passes${got(action ?? '')}.`)
  const named = call.value('host')
  if (named !== undefined && !/^[\w.-]+(?::\d{1,5})?$/.test(named))
    usage(`--host must be a name, or NAME:PORT${got(named)}.`)
  if (call.value('credentials') === '-') usage('--credentials cannot read standard input, which git uses.')
  const lines = decodeText(await readInput(call, 'codecommit', '-', 65_536)).split(/\r?\n/)
  const given = new Map(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]))
  const [protocol, host, path] = ['protocol', 'host', 'path'].map((name) => given.get(name))
  if (protocol !== 'https' || !host) return { result: {}, text: '' }
  const isMeant =
    named === undefined ? hostScope(host).service === 'codecommit' : host.toLowerCase() === named.toLowerCase()
  if (!isMeant) return { result: {}, text: '' }
  if (!path) usage("git did not pass the path. Run 'git config --global credential.UseHttpPath true'.")
  const region = call.value('region')
  const options = { credentials, now: signedAt, region }
  const result = await codecommitCredentials(`https://${host}/${path}`, options)
  // older versions of git ignore the expiry
  const expiry = Math.floor(Number(result.expiresAt) / 1000)
  const text = `username=${result.username}\npassword=${result.password}\npassword_expiry_utc=${expiry}\n`
  return { result, text }
}
