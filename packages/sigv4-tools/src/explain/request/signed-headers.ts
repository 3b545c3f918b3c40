import { checkSignedHeaders, checkUnsigned } from '../../../../../src/internal/received.ts'
import type { ParsedRequest } from './facts.ts'

// The names in SignedHeaders, which a service requires in lowercase, sorted, and each once.

/** The names in lowercase, each once: a long list may repeat one a million times. */
export function signedNames({ claim }: Pick<ParsedRequest, 'claim'>): string[] {
  return [...new Set(claim.signedHeaders.flatMap((name) => name.toLowerCase() || []))]
}

/** A list that no service accepts, and its fix. */
export interface ListProblem {
  readonly message: string
  readonly expected: string
  readonly actual: string
  readonly fix: string | undefined
}

/** Returns the problem with a list of names; `undefined` for a well-formed one. */
export function listProblem({ claim, headers }: Pick<ParsedRequest, 'claim' | 'headers'>): ListProblem | undefined {
  const { signedHeaders } = claim
  if (!signedHeaders.length || !checkSignedHeaders(signedHeaders)) return undefined
  const names = signedNames({ claim }).flatMap((name) => name.split(/[,\s]+/).filter((part) => part !== ''))
  const unsigned = checkUnsigned(headers, names)?.values?.HeadersNotSigned?.split(', ') ?? []
  const expected = [...new Set([...names, ...unsigned])].sort().join(';')
  return {
    message:
      names.length === 0
        ? 'SignedHeaders did not contain a name.'
        : 'The names in SignedHeaders were not lowercase, sorted, and unique.',
    expected,
    actual: signedHeaders.join(';'),
    fix: expected.length < 200 ? `Write SignedHeaders as ${expected}, and sign the headers in this order.` : undefined,
  }
}
