import { EMPTY_HASH } from '../../../../src/internal/canonical-request.ts'
import { isSpent } from './case/budget.ts'
import type { Case } from './case/case.ts'
import type { Cause } from './model/causes.ts'
import { type Clue, type Difference, header, listed, signedOption } from './model/clue.ts'
import { usualCauses } from './model/traits.ts'
import type { ParsedRequest } from './request/facts.ts'
import { isBodyMissing, isBodySigned } from './request/pieces.ts'
import { POLICY_FIX } from './search/form.ts'
import type { Proof } from './search/proof.ts'
import { isVolatile } from './traces/surroundings.ts'
import { isProxied, removedClue, transitClues } from './traces/transit.ts'

// The causes that remain when nothing else explains an error.

/** Returns the causes that remain with credentials: a different secret, a different request, or a part that could not be tried. */
export function observeRemaining(given: Case, { fits, fitsOwn, required }: Proof): Clue[] {
  const { reading, response, facts, shown, request } = given
  const kind = reading?.kind ?? 'silent'
  if (fits && reading && kind !== 'accepted' && required.length) return required.map(requiredSign)
  if (fits && reading && kind === 'silent') {
    const message = 'These credentials produce the received signature.'
    const clause = 'these credentials produce the received signature.'
    const other: Clue = { cause: 'not-auth', ground: 'either', message, clause }
    // a request that is malformed when it arrives was well-formed before
    const isMalformed = response?.status === 400 && response.code === ''
    return isMalformed ? [...transitClues(given), other] : [other, ...transitClues(given)]
  }
  if (fits && kind === 'ambiguous' && isProxied(given) && !request.isReceived) return [removedClue(given)]
  if (fits && kind === 'mismatch' && (request.isReceived || response?.stringToSign !== undefined))
    return [
      left(
        'wrong-secret',
        'These credentials produce the received signature for the request that the service received: the service has a different secret for this access key ID.',
      ),
    ]
  if (fits && kind === 'mismatch') return [...transitClues(given)]
  if (fits !== false) return []
  if (kind === 'accepted') return [left('wrong-secret', 'These credentials produce a different signature.')]
  if (!shown.has('request') || !/^(?:mismatch|silent|ambiguous)$/.test(kind)) return []
  // a client that prints its headers alone does not show what else it signed
  if (!shown.has('method'))
    return [
      {
        cause: 'wrong-secret',
        ground: 'prior',
        message: `This secret access key did not create the signature of a ${facts.method} request for ${facts.path || '/'}. The evidence does not show the method.`,
        fix: 'Add the method and the URL of the request. If they are right, check the secret access key.',
      },
    ]
  // without the body, nothing was tried
  return isBodyMissing(facts) && fitsOwn === undefined ? [] : unexplained(given, fitsOwn)
}

function left(cause: Cause, message: string): Clue {
  return { cause, ground: 'left', message }
}

/** Returns the causes that remain if no attempt with the credentials reproduces the signature. */
function unexplained(given: Case, fitsOwn: boolean | undefined): Clue[] {
  const { facts, signed, budget, signer } = given
  const isForm = facts.location === 'post'
  if (fitsOwn)
    return [
      left(
        isForm || signed.canonicalRequest === undefined ? 'string-to-sign' : 'canonical-request',
        'These credentials produce the received signature from the strings of the client: the secret access key is correct, but the request requires different strings.',
      ),
    ]
  const isOwn = signer?.is === 'own'
  if (fitsOwn === false && signed.stringToSign !== undefined) return wrongKey(isOwn)
  const open = untried(facts)
  const isOfficial = signer?.is === 'official'
  const stopped = isSpent(budget) ? ' The search was not complete, because the request is long.' : ''
  if (isOfficial && open.length === 0)
    return [
      {
        cause: 'wrong-secret',
        ground: stopped || isProxied(given) ? 'either' : 'left',
        message: `This secret access key did not create the signature: no usual mistake in the request, the canonical request, the string to sign, or the signing key reproduces it.${stopped}`,
      },
    ]
  const name = open.find(isVolatile) ?? open[0]
  const tested = name ?? (isForm ? undefined : 'host')
  const trial =
    tested && `To test a value that may have been signed, pass it in signed.headers, or with ${signedOption(tested)}.`
  const clue = (cause: Cause, event: string, values?: Partial<Clue>): Clue => ({
    ...{ cause, ground: 'either', message: `The ${event}.` },
    ...values,
  })
  const parts = isForm ? [] : [...unfixed(facts), ...(open.length ? [`value of ${listed(open, 'or')}`] : [])]
  const different = parts.length ? [`the client signed a different ${listed(parts, 'or')}`] : []
  const way = `client assembled ${assembled(given)} in a way that was not tried`
  const [key, value, assembly] = ['secret access key differs', `client signed a different value of ${name}`, way]
  const secret = clue('wrong-secret', key, { trial })
  const values = name === undefined ? [] : [clue('header-changed', value, { trial, part: header(name) })]
  const assemblies = isOfficial
    ? []
    : [isForm ? clue('string-to-sign', assembly, { fix: POLICY_FIX }) : clue('canonical-request', assembly)]
  const isFragile = name !== undefined && isVolatile(name)
  // the secret of a program that its user wrote is right more often than the program
  const [first, ...rest] = isFragile
    ? [...values, ...(isOwn ? [...assemblies, secret] : [secret, ...assemblies])]
    : isOwn
      ? [...assemblies, secret, ...values]
      : [secret, ...values, ...assemblies]
  const others = [
    ...(first === secret ? [] : [`the ${key}`]),
    ...different,
    ...(isOfficial || first === assemblies[0] ? [] : [`the ${assembly}`]),
  ]
  const usual = isOfficial ? ' Only usual values were tried.' : ''
  const otherwise = others.length ? ` Otherwise, ${others.join(', or ')}.` : ''
  return [{ ...first!, message: `${first!.message}${otherwise}${usual}${stopped}` }, ...rest]
}

/** The string to sign is known: only the signing key, or the secret that it is derived from, can be wrong. */
function wrongKey(isOwn: boolean): Clue[] {
  const message = 'This secret access key did not create the signature of the string to sign that the client computed.'
  if (!isOwn) return [left('wrong-secret', message)]
  const derived = `${message} The client derived the signing key in a way that was not tried, or used a different secret.`
  return [
    { cause: 'key-derivation', ground: 'either', message: derived },
    { cause: 'wrong-secret', ground: 'either', message },
  ]
}

/** The signed parts of which the client may have signed a different value: nothing in the evidence fixes them. */
function unfixed(facts: ParsedRequest): string[] {
  const { claim, path, parameters, body } = facts
  const parts: [string, boolean][] = [
    ['host', claim.signedHeaders.includes('host')],
    ['path', path !== '' && path !== '/'],
    ['query string', parameters.some(({ decoded }) => !/^x-amz-/i.test(decoded))],
    ['body', (body?.length ?? 0) > 0 && isBodySigned(facts)],
    ['session token', claim.sessionToken !== undefined],
  ]
  return parts.flatMap(([name, isSigned]) => (isSigned ? [name] : []))
}

/** Names the parts that a client may have assembled incorrectly. */
function assembled({ facts, signed }: Case): string {
  if (facts.location === 'post') return 'its policy or signing key'
  return signed.canonicalRequest === undefined ? 'its canonical request or string to sign' : 'its string to sign'
}

/** Signed headers of which a search cannot try every value. */
function untried({ claim, location }: ParsedRequest): string[] {
  if (location === 'post') return []
  const isTried = (name: string): boolean =>
    /^(?:host|(?:x-amz-)?date|x-amz-content-sha256|x-amz-security-token)$/.test(name)
  return [...new Set(claim.signedHeaders)].filter((name) => name !== '' && !isTried(name)).slice(0, 10)
}

/** The signature is right for a request that may not have been sent. */
function requiredSign(difference: Difference): Clue {
  const { cause, part, expected } = difference
  const message = `The signature is correct for a request with ${requirement(difference)}. The evidence does not show what was sent.`
  return { ...left(cause, message), part, expected }
}

/** A part of the request, as it was signed. */
export function requirement({ part: { of, name }, expected }: Difference): string {
  if (of === 'payload hash' && expected === EMPTY_HASH) return 'an empty body'
  return of === 'header' ? `the header ${name}: ${expected}` : `the ${of} ${expected}`
}

/** Returns the likely causes if the evidence shows none. */
export function observePriors(given: Case, { fits, fitsOwn }: Proof): Clue[] {
  const { reading, facts, shown, signer, signed } = given
  const kind = reading?.kind ?? 'silent'
  // a signature that was not checked does not show what was signed
  if (fits || fitsOwn || facts.claim.is4a) return []
  if (kind !== 'mismatch' && (fits !== false || kind === 'named' || kind === 'elsewhere' || kind === 'accepted'))
    return shown.has('request') && facts.location === undefined && reading ? [prior('anonymous')] : []
  const isOwn = signer?.is === 'own'
  const isOfficial = signer?.is === 'official'
  // what was printed was compared
  const open = ASSEMBLY.filter(
    (cause) =>
      !(cause === 'canonical-request' && signed.canonicalRequest) &&
      !(cause === 'string-to-sign' && signed.stringToSign),
  )
  if (!shown.has('request')) return (isOwn ? [...open, ...usualCauses()] : usualCauses()).map(prior)
  // a URL is created for one method, which it does not contain
  const method: readonly Cause[] = facts.location === 'query' && shown.has('method') ? ['method'] : []
  const secret: readonly Cause[] = ['wrong-secret']
  const usual = isOfficial
    ? [...secret, ...ESTABLISHED]
    : isOwn
      ? [...open, ...changeable(facts), ...secret]
      : [...secret, ...changeable(facts)]
  return [...usual, ...method].map(prior)
}

/** What fails first with an official client: it signs correctly. */
const ESTABLISHED: readonly Cause[] = ['session-token', 'host', 'header-changed']
/** What fails first in a program that signs with code of its own. */
const ASSEMBLY: readonly Cause[] = ['canonical-request', 'string-to-sign', 'key-derivation']

function prior(cause: Cause): Clue {
  return { cause, ground: 'prior' }
}

/** Returns causes in which a part was changed to a value that cannot be guessed. */
function changeable({ location, parameters, claim }: ParsedRequest): Cause[] {
  if (location === 'post') return ['tampered-policy']
  if (parameters.some(({ name }) => !/^x-amz-/i.test(name))) return ['query-changed', 'query-removed']
  const isBound = claim.signedHeaders.some((name) => !/^(?:host|x-amz-date|x-amz-content-sha256)$/.test(name))
  return isBound ? ['header-changed', 'path'] : ['path', 'host']
}
