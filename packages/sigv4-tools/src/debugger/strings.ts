import { align, type Row } from '../cli/output/compare.ts'
import { highlightDiff } from '../explain.ts'
import type { Strings } from './analyze.ts'
import { block, h, visible } from './dom.ts'
import { marked } from './findings.ts'

// Canonical requests and strings to sign: of the client and the service, line by line, with the differences marked.

const STRING_LINES = ['Algorithm', 'Date', 'Credential scope', 'Hash of the canonical request']

/** Most lines that are compared. */
const MOST_LINES = 200

/** Shows the strings that are known: two compared, or one. */
export function viewStrings(strings: readonly Strings[]): HTMLElement | undefined {
  const requests = strings.filter(({ canonicalRequest }) => canonicalRequest !== undefined)
  const stringsToSign = strings.filter(({ stringToSign }) => stringToSign !== undefined)
  const views = [
    viewPair(
      'Canonical request',
      requests.map(({ by, canonicalRequest }) => [by, canonicalRequest!] as const),
      (lines) => align(...lines),
      canonicalLabel,
      requests.some(({ isChanged }) => isChanged)
        ? ', which is the same in this copy, but not the one whose hash was signed'
        : ', which is the same',
    ),
    viewPair(
      'String to sign',
      stringsToSign.map(({ by, stringToSign }) => [by, stringToSign!] as const),
      ([one, other]) => one.map((line, i) => [line, other[i]] as const),
      (_, i) => STRING_LINES[i] ?? '',
    ),
  ].filter((view) => view !== undefined)
  return views.length ? h('section', { 'aria-label': 'Strings' }, ...views) : undefined
}

function viewPair(
  title: string,
  sides: readonly (readonly [by: string, text: string])[],
  rowsOf: (lines: [string[], string[]]) => readonly Row[],
  labelOf: (row: Row, index: number, count: number) => string,
  same = ', which is the same',
): HTMLElement | undefined {
  const [one, other] = sides
  if (!one) return undefined
  if (!other || one[1] === other[1]) {
    const by = other ? `As ${one[0]} and as ${other[0]}${same}` : `As ${one[0]}`
    return h(
      'details',
      { class: title },
      h('summary', {}, title),
      h('p', { class: 'by' }, `${by}:`),
      block(one[1], title),
    )
  }
  const rows = rowsOf([lines(one[1]), lines(other[1])]).slice(0, MOST_LINES)
  const differing = rows.filter(([left, right]) => left !== right).length
  return h(
    'div',
    {},
    h('h2', {}, title),
    h('p', { class: 'by' }, `${differing} of ${rows.length} lines differ.`),
    h('ol', { class: 'rows' }, ...rows.map((row, i) => viewRow(row, labelOf(row, i, rows.length), one[0], other[0]))),
  )
}

function lines(text: string): string[] {
  return text.replaceAll('\r\n', '\n').split('\n')
}

function viewRow([left, right]: Row, label: string, one: string, other: string): HTMLElement {
  if (left === right)
    return h(
      'li',
      { class: 'same' },
      h('span', { class: 'label' }, label),
      h('code', { dir: 'ltr' }, visible(left ?? '')),
    )
  const [first, second] = highlightDiff(left ?? '', right ?? '')
  const side = (by: string, line: string | undefined, segments: typeof first): HTMLElement =>
    h(
      'p',
      { class: 'side' },
      h('span', { class: 'label' }, `As ${by}`),
      line === undefined ? h('em', {}, 'no such line') : marked(segments),
    )
  return h(
    'li',
    { class: 'differs' },
    h('span', { class: 'label' }, label === '' ? 'differs' : `${label} differs`),
    side(one, left, first),
    side(other, right, second),
  )
}

/** The meaning of a line of a canonical request. */
function canonicalLabel([left, right]: Row, index: number, count: number): string {
  const line = left ?? right ?? ''
  if (index < 3) return ['Method', 'Path', 'Query'][index]!
  if (index >= count - 2) return index === count - 1 ? 'Payload hash' : 'Signed headers'
  return line === ''
    ? 'End of the headers'
    : `Header ${visible(line.slice(0, line.indexOf(':') + 1 || 40).replace(/:$/, ''))}`
}
