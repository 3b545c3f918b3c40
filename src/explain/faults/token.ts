import { decode } from '../../core/encoding/percent.ts'
import { isMasked } from '../../core/received/canonical-request.ts'
import { CLUSTER_HEADER } from '../../core/received/token.ts'
import { hostScope } from '../../core/signing/hosts.ts'
import type { Case } from '../case/case.ts'
import { fault, header, type Sign } from '../model/sign.ts'
import type { ParsedRequest } from '../request/facts.ts'

// A token, compared with what its service requires.

/** What is wrong with a token. */
export function tokenFaults({ token, written, claim, headers, urlHost, parameters }: ParsedRequest): Sign[] {
  if (!token) return []
  const { name, actions, form, required, maximum, host: pattern, kind } = token
  const { signedHeaders, expires, scope } = claim
  const host = (headers.host ?? urlHost ?? '').toLowerCase()
  const values = new Map(parameters.map(({ decoded, value = '' }) => [decoded, value]))
  const found: Sign[] = []
  const formatted = (message: string, fix: string, ground: Sign['ground'] = 'fault'): void => {
    found.push({ cause: 'token-format', ground, message, fix })
  }
  const again = `Create it with npx sigv4 token ${kind}.`
  const action = decode(values.get('Action') ?? '')
  if (!actions.includes(action))
    formatted(`The action of the token was ${action}. ${name} requires ${actions.join(' or ')}.`, again)
  if (written.isEncoded) {
    const message = 'The URL in the token was percent-encoded as a whole.'
    formatted(
      message,
      'Encode only the values of its parameters.',
      written.form === form && form !== 'bare' ? 'fault' : 'note',
    )
  } else if (values.get('X-Amz-Credential')?.includes('/'))
    formatted(
      'The token was percent-decoded: its credential contains slashes.',
      'Send the token as it was created.',
      'note',
    )
  if (written.form !== form) {
    const how = form === 'bare' ? `without ${urlScheme(written.url)}` : `in base64 for URLs${form && `, after ${form}`}`
    formatted(`${name} requires the token ${how}.`, `Send the token ${how}.`, written.form === 'URL' ? 'note' : 'fault')
  } else if (written.isPadded && kind === 'eks')
    formatted('The token ended with padding (=), which Amazon EKS does not accept.', 'Remove the = from its end.')
  if (host && !isMasked(host) && !pattern.test(host.replace(/:\d+$/, ''))) {
    const place = token.place.replace('{region}', scope[1] ?? '')
    const fix = `Create the token for ${place}, whichever host the client connects to.`
    found.push(
      fault('host', `The token was created for the host ${host}, which is not ${place}.`, { actual: host, fix }),
    )
  } else if (host && (kind === 'rds') !== /:\d+$/.test(host)) {
    const message = kind === 'rds' ? 'without a port' : `with a port, which ${name} does not sign`
    const fix = `Create the token with${kind === 'rds' ? '' : 'out'} the port.`
    found.push(fault('host-port', `The token was created ${message}.`, { actual: host, fix }))
  }
  if (required && !values.has(required)) {
    const message = `The ${required} parameter, which ${name} requires, was missing.`
    found.push(fault('missing-param', message, { expected: required, fix: again }))
  }
  if (Number(expires) > maximum) {
    const message = `X-Amz-Expires was ${expires?.slice(0, 20)}. ${name} accepts at most ${maximum} seconds.`
    const fix = `Create a token that is valid for at most ${maximum} seconds.`
    found.push(fault('expires-range', message, { expected: `1 to ${maximum}`, actual: expires, fix }))
  }
  const other = signedHeaders.filter((each) => each !== 'host' && each !== CLUSTER_HEADER)
  if (kind === 'eks' && (other.length || !signedHeaders.includes(CLUSTER_HEADER))) {
    const message = other.length
      ? `The token signs ${other.slice(0, 5).join(', ')}, which the cluster does not send to AWS STS.`
      : `The token does not sign ${CLUSTER_HEADER}, the name of the cluster.`
    const signs = { expected: `host;${CLUSTER_HEADER}`, actual: signedHeaders.join(';') }
    found.push(fault('signed-headers', message, { ...signs, fix: `Sign only host and ${CLUSTER_HEADER}.` }))
  }
  return found
}

/** What a token lacks to be checked with credentials: the name of the cluster, unless the caller knows it. */
export function clusterSigns({ facts: { token, headers, claim }, signed }: Case): Sign[] {
  const given = [...Object.keys(headers), ...Object.keys(signed.headers ?? {})].map((name) => name.toLowerCase())
  if (token?.kind !== 'eks' || !claim.signedHeaders.includes(CLUSTER_HEADER) || given.includes(CLUSTER_HEADER))
    return []
  const message = `The token signs the name of the cluster in ${CLUSTER_HEADER}, which it does not contain. Without it, the signature cannot be checked.`
  const fix = `Pass the name of the cluster in signed.headers, or with --signed '${CLUSTER_HEADER}: CLUSTER'.`
  return [{ cause: 'header-missing', ground: 'either', message, fix, part: header(CLUSTER_HEADER) }]
}

function urlScheme(url: string): string {
  return /^\w*:\/\//.exec(url)?.[0] ?? ''
}

/** What differs between a token and the endpoint that the client connects to, if that is the name of the service. */
export function tokenEndpointFaults({ facts, endpoint = '' }: Case): Sign[] {
  const { token, claim, headers, urlHost = headers.host ?? '', parameters } = facts
  const [, name = '', port] = /^(?:[a-z+]*:\/\/)?(?:[^@/]*@)?([\w.-]+)(?::(\d{1,5}))?(?:[/?#]|$)/i.exec(endpoint) ?? []
  if (!token || name === '') return []
  const [, signed = '', signedPort] = /^(.*?)(?::(\d+))?$/.exec(urlHost) ?? []
  const [region, service] = [claim.scope[1] ?? '', token.service]
  const connects = `but the client connects to ${name}`
  const isCache = token.kind === 'cache'
  if (isCache && /\.memorydb\./.test(name) !== (service === 'memorydb') && name.includes('.')) {
    const expected = service === 'memorydb' ? 'elasticache' : 'memorydb'
    return [
      fault('scope-service', `The token is for ${token.name}, ${connects}: sign it for ${expected}.`, {
        expected,
        actual: service,
      }),
    ]
  }
  if (isCache && name.includes('.serverless.') && !parameters.some(({ decoded }) => decoded === 'ResourceType')) {
    const message = 'The ResourceType parameter, which a serverless cache requires, was missing.'
    return [
      fault('missing-param', message, {
        expected: 'ResourceType',
        fix: 'Add ResourceType=ServerlessCache, and sign it.',
      }),
    ]
  }
  const { region: own } = hostScope(name)
  if (own && region && own !== region)
    return [
      fault('scope-region', `The token is for ${region}, ${connects}, which is in ${own}.`, {
        expected: own,
        actual: region,
      }),
    ]
  if (isCache || !token.host.test(name)) return [] // a CNAME
  if (name.toLowerCase() !== signed.toLowerCase())
    return [fault('host', `The token is for ${signed}, ${connects}.`, { expected: name, actual: signed })]
  if (!port || !signedPort || port === signedPort) return []
  const message = `The token is for the port ${signedPort}, but the client connects to the port ${port}.`
  return [
    fault('host-port', message, {
      expected: `${name}:${port}`,
      actual: urlHost,
      fix: 'Create the token with the port of the connection.',
    }),
  ]
}
