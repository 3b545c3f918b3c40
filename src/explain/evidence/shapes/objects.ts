import { isObject } from '../../../core/kind.ts'
import { dedent, FENCE, type Found, indentOf, lineAt, type Paste, type Reader } from '../found.ts'
import { type Members, readLiteral } from '../literal.ts'
import { type Part, readHar } from './har.ts'
import { parseJson, readErrorObject } from './json-error.ts'
import { readExchange, readLabeled, readLogged, readRequest } from './requests.ts'
import { readHtml, readXmlError } from './xml.ts'

// Objects: HAR files, errors in JSON, and what programs print of errors and requests.

/** Reads an object that starts on a line. */
export const readObject: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const start = /\{\s*(?:["'$[\w]|:\w+ *=>|$|\})|^\s*\[\s*(?:[{"]|$)/.exec(line)
  if (paste.budget.left < 0) return undefined
  if (!start || /<(?:\?xml|Error\b)/.test(line.slice(0, start.index))) return undefined
  const from = paste.starts[at]! + start.index + (start[0].length - start[0].trimStart().length)
  const literal = parse(paste, from)
  if (!literal) return undefined
  const to = lineAt(paste, literal.end - 1)
  for (let i = at; i <= to; i++) if (paste.lines[i] === FENCE) return undefined
  const indent = indentOf(line)
  const pasted = paste.text.slice(from, literal.end)
  const text =
    indent === 0
      ? pasted
      : pasted
          .split('\n')
          .map((each, i) => (i ? dedent(each, indent) : each))
          .join('\n')
  const found = classify(literal.value, text)
  return found?.map((each) => ({ ...each, from: at, to, column: start.index }))
}

function parse(paste: Paste, from: number): { value: unknown; end: number } | undefined {
  const isWhole = from < 2000 && paste.text[from] === '{' && paste.text.trimEnd().endsWith('}')
  const whole = isWhole ? parseJson(paste.text.slice(from)) : undefined
  if (whole !== undefined) return { value: whole, end: paste.text.trimEnd().length }
  const literal = readLiteral(paste.text, from)
  paste.budget.left -= (literal ? literal.end : paste.text.length) - from
  return literal
}

/** What an object is about. */
function classify(value: unknown, text: string): Part[] | undefined {
  if (!isObject(value)) return undefined
  if (/The Canonical String for this request should have been *\n/.test(text) && !/^\s*\{\s*"/.test(text))
    return undefined
  return (
    readHar(value as Members) ??
    readExchange(value as Members) ??
    readLabeled(value as Members) ??
    readLogged(value as Members, text) ??
    readRequest(value as Members) ??
    readErrorObject(value as Members, text)
  )
}

/** The body of a response that starts on a line: an error in XML or JSON, or a page. */
export function readServiceBody(paste: Paste, at: number): readonly Found[] | undefined {
  const found = readXmlError(paste, at) ?? readHtml(paste, at) ?? readObject(paste, at)
  return found?.[0]?.kind === 'error' ? found : undefined
}
