import { unescapeXml } from '../../../../../../src/internal/xml.ts'
import { FENCE, type Found, type Paste, type Reader, region, unescapeString } from '../model/found.ts'
import { recoverCanonical, recoverToSign } from '../model/recover.ts'

// Errors in XML: as a service wrote them, as a browser window shows them, or in a string of a program.

const MOST_LINES = 600
const START =
  /<(?:\w+:)?(?:Error|ErrorResponse|Response)(?:\s[^<>]*)?>\s*(?:<|$|[-▼▶▾▸])|<\?xml\b|<Code>|<\w{3,60}Exception>\s*(?:<|$|\\n)|^\s*<error>|<(?:AWSAccessKeyId|StringToSign|SignatureProvided)>/
const END = /<\/(?:(?:\w+:)?ErrorResponse|Response|Error|error|\w{3,60}Exception)>/
/** Text that a browser window shows above an error, or at the start of its lines. */
const BROWSER = /^[ \t]*[-−▼▶▾▸][ \t]*<|[▼▶▾▸]\s*<|This XML file does not appear to have any style/m

/** Reads an error in XML that starts on a line, even in the middle of it. */
export const readXmlError: Reader = (paste, at, line) => {
  const column = line.search(START)
  if (column < 0) return undefined
  const { to, isClosed } = endOf(paste, at, column)
  const summary = readSummary(paste, at, to, column)
  if (summary) return [summary]
  const whole = region(paste, at, to)
  const pasted = whole.slice(whole.search(START))
  const isEscaped = /\\n|\\"/.test(pasted) && !/\n[ \t]*</.test(pasted)
  const unescaped = isEscaped ? unescapeString(pasted) : pasted
  // the SDK for PHP shows the start of an error before all of it
  const again = unescaped.includes('(truncated...)') ? unescaped.lastIndexOf('<?xml') : 0
  const plain = unescaped.slice(Math.max(again, 0))
  const end = isClosed ? lastEnd(plain) : undefined
  const content = plain.slice(0, end).trimEnd()
  const elements = elementsOf(content)
  const [, root = ''] = /<(\w{3,60}Exception)>/.exec(content) ?? []
  const code = elements.get('Code')?.trim() ?? root
  const message = elements.get('Message') ?? elements.get('message')
  // the start may have been cut off
  const isCut = elements.has('SignatureProvided') && code === ''
  if (code === '' && message === undefined && !isCut) return undefined
  const shown = recoverCanonical(elements.get('CanonicalRequest') ?? '')
  const toSign = recoverToSign(elements.get('StringToSign') ?? '')
  const isChanged = (name: string, text: string | undefined): boolean =>
    text !== undefined && text !== elements.get(name)
  const isDamaged = isChanged('CanonicalRequest', shown) || isChanged('StringToSign', toSign)
  const isBrowser = BROWSER.test(`${paste.lines[at - 1] ?? ''}\n${whole}`)
  const description = `XML error ${code || 'without a code'}${isClosed ? '' : ', cut off'}`
  const response = {
    body: content,
    ...(isCut ? { code: 'SignatureDoesNotMatch' } : root !== '' && !elements.has('Code') && { code: root }),
    ...((isBrowser || isDamaged) && { elements: Object.fromEntries(repaired(elements)) }),
  }
  return [{ kind: 'error', from: at, to, column, description, response, shown }]
}

/** Reads the code and message after the start of an error, as the SDK for PHP prints them if it does not repeat the error. */
function readSummary({ lines }: Paste, at: number, to: number, column: number): Found | undefined {
  for (let i = at; i <= to + 1 && i < lines.length; i++) {
    const line = lines[i]!
    const [, code, message] = /(?:^|\.\.\.\))\s{0,9}(\w{3,60}) \((?:client|server)\): ([^<]{3,1000})/.exec(line) ?? []
    if (code === undefined || message === undefined) continue
    const rest = [line.slice(line.lastIndexOf('(truncated')), ...lines.slice(i + 1, to + 1)]
    if (rest.some((each) => /<Code>/.test(each))) return undefined
    const response = { code, message: message.replace(/ - $/, '').trim() }
    return { kind: 'error', from: at, to: i, column, description: `Error ${code}`, response }
  }
  return undefined
}

/** The last line of an error: the one that closes it or, if it was cut off, the last one with a tag. */
function endOf(paste: Paste, at: number, column: number): { to: number; isClosed: boolean } {
  let to = at
  let isInResponse = false
  for (let i = at; i < Math.min(at + MOST_LINES, paste.lines.length) && paste.budget.left > 0; i++) {
    const text = i === at ? paste.lines[i]!.slice(column) : paste.lines[i]!
    paste.budget.left -= text.length
    if ((text === FENCE && i > at) || i > to + 40) break
    isInResponse ||= /<(?:\w+:)?(?:Error)?Response\b/.test(text)
    if (/<\/?[A-Za-z]/.test(text) || isCanonicalLine(paste, to, i)) to = i
    const isEnd = isInResponse ? /<\/(?:\w+:)?(?:Error)?Response>/ : END
    if (isEnd.test(text)) return { to, isClosed: true }
  }
  return { to, isClosed: false }
}

/** Returns whether a line continues a canonical request that was cut off: a path, a query, a header, or a list of headers. */
function isCanonicalLine({ lines }: Paste, to: number, at: number): boolean {
  const line = lines[at]!.trim()
  const isOpen = at <= to + 2 && /<CanonicalRequest>[^<]*$|^\/|^[\w.%~-]+=|:\S/.test(lines[to]!)
  return (
    isOpen &&
    line !== '' &&
    /^(?:\/\S*|[\w.%~-]+=\S*|[\w-]+:\S.*|[a-z\d-]+(?:;[a-z\d-]+)*|UNSIGNED-PAYLOAD)$/.test(line)
  )
}

/** Elements of an error in a browser window, which adds spaces and joins lines. */
function repaired(elements: ReadonlyMap<string, string>): [string, string][] {
  return [...elements]
    .map(([name, value]): [string, string] => [name, recoverCanonical(value) ?? recoverToSign(value) ?? value.trim()])
    .filter(([, value]) => value !== '')
}

function lastEnd(text: string): number | undefined {
  const end = /<\/(?:\w+:)?ErrorResponse>/.exec(text) ?? /<\/Response>/.exec(text) ?? END.exec(text)
  return end ? end.index + end[0].length : undefined
}

function elementsOf(content: string): Map<string, string> {
  const elements = new Map<string, string>()
  for (const [, name = '', value = ''] of content.matchAll(
    /<([A-Za-z][\w.-]{0,80})(?:\s[^<>]{0,300})?>([^<]*)(?:<(?![A-Za-z!?])|$)/g,
  ))
    if (!elements.has(name)) elements.set(name, unescapeXml(value))
  return elements
}
