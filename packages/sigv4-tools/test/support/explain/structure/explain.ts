import { type Explanation, explain } from '../../../../src/explain.ts'
import type { StructureCase } from './generate.ts'

/** Explains a case with what its user has at hand: the secret or the strings, or neither. */
export function explainCase({ request, response, credentials, client }: StructureCase): Explanation {
  const { secretAccessKey } = credentials
  return explain({
    request,
    response,
    ...(secretAccessKey !== undefined && { credentials: { ...credentials, secretAccessKey } }),
    ...(client && { signed: client }),
  })
}
