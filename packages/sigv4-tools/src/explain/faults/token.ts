import { decode } from '../../../../../src/internal/encoding.ts'
import { hostScope } from '../../../../../src/internal/services.ts'
import { isMasked } from '../../formats/canonical-request.ts'
import { CLUSTER_HEADER } from '../../formats/token.ts'
import type { Case } from '../case/case.ts'
import type { Cause } from '../model/causes.ts'
import { type Clue, fault, header, listed } from '../model/clue.ts'
import type { ParsedRequest } from '../request/facts.ts'

// A token, compared with the requirements of its service.

/** Returns the faults of a token. */
export function tokenFaults({ token, written, claim, headers, urlHost, parameters }: ParsedRequest): Clue[] {
  if (!token) return []
  const { name, actions, form, required, kind } = token
  const { signedHeaders, scope } = claim
  const host = (headers.host ?? urlHost ?? '').toLowerCase()
  const values = new Map(parameters.map(({ decoded, value = '' }) => [decoded, value]))
  const found: Clue[] = []
  const add = (cause: Cause, message: string, values?: Partial<Clue>): void => {
    found.push({ ...fault(cause, message, { fix: `Create a new token: npx sigv4-tools token ${kind}.` }), ...values })
  }
  const note = { ground: 'note' } as const
  const action = decode(values.get('Action') ?? '')
  if (!values.has('Action'))
    add('missing-param', `The Action parameter was missing. ${name} requires ${listed(actions, 'or')}.`, {
      expected: 'Action',
    })
  else if (!actions.includes(action))
    add('token-format', `The action was ${action}. ${name} requires ${listed(actions, 'or')}.`)
  if (written.isEncoded) add('token-format', 'The token was percent-encoded.', written.form === 'bare' ? note : {})
  else if (values.get('X-Amz-Credential')?.includes('/')) add('token-format', 'The token was percent-decoded.', note)
  if (written.form !== form) {
    const how =
      form === 'bare' ? `without ${/^\w*:\/\//.exec(written.url)}` : `in base64url${form && `, after ${form}`}`
    add('token-format', `${name} requires the token ${how}.`, written.form === 'URL' ? note : {})
  } else if (/^http:/i.test(written.url))
    add('token-format', `The token contained a URL with http://. ${name} requires https://.`)
  else if (written.isPadded && kind === 'eks') add('token-format', 'The token ended with =, which is padding.')
  const isHost = token.host.test(host.replace(/:\d+$/, ''))
  if (host && !isMasked(host) && !isHost) {
    const place = token.place(scope[1] ?? '')
    const fix = `Create the token for ${place}, whichever host the client connects to.`
    add('host', `The token was created for the host ${host}, which is not ${place}.`, { actual: host, fix })
  } else if (isHost && (kind === 'rds') !== /:\d+$/.test(host)) {
    const ports = kind === 'rds' ? 'without a port' : 'with a port'
    add('host-port', `The token was created ${ports}.`, { actual: host })
  }
  if (required && !values.has(required))
    add('missing-param', `The ${required} parameter was missing.`, { expected: required })
  const signs = [...new Set([...signedHeaders, 'host', CLUSTER_HEADER])]
  if (kind === 'eks' && (signs.length > 2 || signedHeaders.length < 2)) {
    const expected = `host;${CLUSTER_HEADER}`
    const actual = signedHeaders.join(';')
    add('signed-headers', `The signed headers were ${actual}. ${name} requires ${expected}.`, {
      expected,
      actual,
    })
  }
  return found
}

/** Returns the part that checking a token with credentials requires: the name of the cluster, unless the caller passed it. */
export function clusterClues({ facts: { token, headers, claim }, signed }: Case): Clue[] {
  const given = [...Object.keys(headers), ...Object.keys(signed.headers ?? {})].map((name) => name.toLowerCase())
  const isSigned = token?.kind === 'eks' && claim.signedHeaders.includes(CLUSTER_HEADER)
  if (!isSigned || given.includes(CLUSTER_HEADER)) return []
  const message = `The name of the cluster is signed in ${CLUSTER_HEADER}, which the token does not contain. Without it, the signature cannot be checked.`
  const fix = `Pass the name of the cluster in signed.headers, or with --signed '${CLUSTER_HEADER}: CLUSTER'.`
  return [{ cause: 'header-missing', ground: 'either', message, fix, part: header(CLUSTER_HEADER) }]
}

/** Returns differences between a token and the endpoint that the client connects to, if that is the name of the service. */
export function tokenEndpointFaults({ facts, endpoint = '' }: Case): Clue[] {
  const { token, claim, urlHost = '', parameters } = facts
  const [, name = '', port] = /^(?:[a-z+]*:\/\/)?(?:[^@/]*@)?([\w.-]+)(?::(\d{1,5}))?(?:[/?#]|$)/i.exec(endpoint) ?? []
  if (!token || !name.includes('.')) return []
  const differs = (cause: Cause, actual: string, expected: string): Clue[] => [
    fault(cause, `The token is for ${actual}, but the client connects to ${name}, which requires ${expected}.`, {
      expected,
      actual,
    }),
  ]
  const { region, service } = hostScope(name)
  if (region && claim.scope[1] && region !== claim.scope[1]) return differs('scope-region', claim.scope[1], region)
  if (token.kind === 'cache') {
    if (service === 'memorydb' && service !== token.service) return differs('scope-service', token.service, service)
    const isTyped = !name.includes('.serverless.') || parameters.some(({ decoded }) => decoded === 'ResourceType')
    const message = 'The token did not contain ResourceType=ServerlessCache, which a serverless cache requires.'
    return isTyped ? [] : [fault('missing-param', message, { expected: 'ResourceType' })]
  }
  const [signed = '', signedPort] = urlHost.split(':')
  if (!token.host.test(name)) return [] // a CNAME
  if (name.toLowerCase() !== signed.toLowerCase()) return differs('host', signed, name)
  return port && signedPort && port !== signedPort ? differs('host-port', urlHost, `${name}:${port}`) : []
}
