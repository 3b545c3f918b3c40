import { ALGORITHM_4A } from '../../../../../src/internal/canonical-request.ts'
import { splitTarget } from '../../../../../src/internal/http.ts'
import { readReceived } from '../../../../../src/internal/received.ts'
import { hostScope } from '../../../../../src/internal/services.ts'
import type { Traits } from '../../explain/causes/row.ts'
import { traitsOf } from '../../explain/model/traits.ts'
import { EXPLAIN_AGAIN } from '../../explain/wording.ts'
import { type ExplainInput, type Explanation, inspect } from '../../explain.ts'
import { readToken, rejectedLogin, tokenOf } from '../../formats/token.ts'
import { destinationOf } from '../input/evidence.ts'
import { isProvable } from './compare.ts'

/** A sentence, and the command that it refers to. */
export interface NextStep {
  readonly text: string
  readonly command?: string
}

/** The source of the evidence, a log with the headers of the request, and of keys, environment variables. */
interface Surroundings {
  readonly isLog?: boolean
  readonly isEnvironment?: boolean
}

/** Returns the user's next step, or `undefined` if the request was accepted. */
export function nextStep(
  explanation: Explanation,
  input: ExplainInput,
  { isLog = false, isEnvironment = false }: Surroundings = {},
): NextStep | undefined {
  const again = isLog ? 'npx sigv4-tools explain < LOG' : EXPLAIN_AGAIN
  const { signature, findings, wanted, decides } = explanation
  const [first] = findings
  const { of, isOwn }: Traits = first ? traitsOf(first.cause) : {}
  if (signature === 'right' && of !== 'other')
    return input.response === undefined
      ? { text: 'If the service rejects the request, explain it with its response:', command: again }
      : undefined
  if (signature === 'right' && isOwn) return { text: 'Apply the fix. A new signature will not help.' }
  if (signature === 'right')
    return {
      text: 'Check the names of the bucket and key, and the permissions of the access key. A new signature will not help.',
    }
  if (first?.cause === 'cors')
    return {
      text: 'Repeat the request with curl, which shows the response that the browser hides:',
      command: EXPLAIN_AGAIN,
    }
  const { algorithm, tokenFor } = inspect({ headers: [], ...input.request })
  // whatever the reason was, a URL that has expired by now cannot be tried again
  const isExpired = (input.response === undefined ? findings : findings.slice(0, 1)).some(
    ({ cause }) => traitsOf(cause).isLifetime,
  )
  const login = input.request === undefined ? rejectedLogin(messageOf(input)) : undefined
  if (login) {
    const what = login.kind === 'ses-smtp' ? 'the SMTP password' : 'a new token'
    return { text: `Create ${what} for ${login.name}:`, command: tokenCommand(input, login.kind) }
  }
  if (tokenFor && (isExpired || first?.confidence === 'likely'))
    return { text: `Create a new token for ${tokenFor}:`, command: tokenCommand(input) }
  const method = (input.request?.method ?? 'GET').toUpperCase()
  // the command presigns with Signature Version 4
  if (isExpired && algorithm !== ALGORITHM_4A)
    return /^(?:GET|PUT|HEAD|DELETE)$/.test(method)
      ? { text: 'Create a new URL:', command: presignCommand(input) }
      : { text: `Create a new URL in code: presign('${method.replace(/\W/g, '')}', url, options).` }
  if (decides && isEnvironment && wanted.includes('credentials') && decides.command.includes('--profile'))
    return {
      text: `${decides.evidence} Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to them, and run the same command again.`,
    }
  if (decides) return { text: decides.evidence, command: decides.command }
  if (first?.confidence !== 'likely' && wanted.includes('request'))
    return { text: 'Add the request that failed:', command: EXPLAIN_AGAIN }
  if (isProvable(first) && wanted.includes('credentials'))
    return {
      text: `Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the credentials that should have signed, or add --profile NAME or --credentials FILE (JSON with accessKeyId and secretAccessKey), and run the same command again.${input.signed?.canonicalRequest === undefined ? ' The canonical request that the client printed can replace the secret.' : ''}`,
    }
  if ((isProvable(first) || first?.confidence === 'possible') && wanted.includes('response'))
    return { text: 'Add the response of the service:', command: again }
  return first?.confidence === 'possible'
    ? { text: 'Confirm the cause as described under Check.' }
    : { text: 'Apply the fix, then check the new request:', command: again }
}

/** The message of an error, or the body that contains it. */
function messageOf({ response = {} }: ExplainInput): string {
  return response.message ?? (typeof response.body === 'string' ? response.body.slice(0, 4096) : '')
}

/** Returns the command that creates a token, with placeholders for missing or wrong values. */
function tokenCommand({ request = {} }: ExplainInput, rejected = ''): string {
  const { service, region: scoped = '', tokenUser = '' } = inspect({ headers: [], ...request })
  const url = readToken(request.target ?? request.url ?? '')
  const [, name = '', port = 'PORT'] = /^https?:\/\/([^/:?]*)(?::(\d+))?/.exec(url) ?? []
  const values = new URLSearchParams(splitTarget(url)[1])
  const { kind = rejected, host: pattern } = tokenOf(service, values.get('Action') ?? '', true, true) ?? {}
  const quoted = (text: string, otherwise: string): string => (/^[\w.:@-]+$/.test(text) ? `'${text}'` : otherwise)
  const isOwn = pattern?.test(name)
  const user = ` --user ${quoted(tokenUser, 'USER')}`
  const region = ` --region ${/^[\w-]+$/.test(scoped) ? scoped : 'REGION'}`
  const admin = values.get('Action') === 'DbConnectAdmin' ? ' --admin' : ''
  const type = values.has('ResourceType') ? ' --serverless' : service === 'memorydb' ? ' --service memorydb' : ''
  const kinds: Record<string, string> = {
    rds: ` ${isOwn ? quoted(`${name}:${port}`, 'HOST:PORT') : 'HOST:PORT'}${user}`,
    dsql: ` ${isOwn ? quoted(name, 'HOST') : 'HOST'}${admin}`,
    cache: ` ${isOwn ? quoted(name, 'NAME') : 'NAME'}${user}${region}${type}`,
    eks: ` CLUSTER${region}`,
  }
  return `npx sigv4-tools token ${kind}${kinds[kind] ?? region}`
}

function presignCommand({ request = {} }: ExplainInput): string {
  const { method = 'GET', host = '', path } = destinationOf(request, undefined)
  const isLocal = /^(?:localhost|[\d.]+)(?::|$)/.test(host)
  const [scheme = isLocal ? 'http://' : 'https://'] = /^https?:\/\//i.exec(request.target ?? request.url ?? '') ?? []
  const [base] = /^https?:\/\/[\w.-][\w.:/~%+-]{0,200}$/i.exec(`${scheme}${host}${path}`) ?? []
  const { region = '', service = '', headersToSend = [] } = base ? inspect({ ...request, headers: [] }) : {}
  const option = (name: string, value: string): string => (/^[\w-]+$/.test(value) ? ` --${name} ${value}` : '')
  const isKnown = hostScope(host.toLowerCase().replace(/:\d+$/, '')).service !== undefined
  const scope = option('region', region) + (isKnown ? '' : option('service', service))
  const { headers } = readReceived({ url: '/', headers: request.headers ?? [] }, undefined)
  const signed = headersToSend.map((name) => {
    // the value of another header may be a secret
    const [value = 'VALUE'] = (name === 'content-type' && /^[\w./+;= -]{1,100}$/.exec(headers[name] ?? '')) || []
    return ` -H '${name}: ${value}'`
  })
  return `npx sigv4-tools presign ${/^\w+$/.test(method) ? method.toLowerCase() : 'get'} ${base && host ? `'${base}'${scope}${signed.join('')}` : 's3://BUCKET/KEY'} --expires 1h`
}
