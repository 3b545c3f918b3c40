import { comparedValues } from '../../src/cli/compare.ts'
import { type Cause, causeText, type Explanation, type Finding, highlightDiff } from '../../src/explain.ts'
import { button, code, copy, h, visible } from './dom.ts'

// The cause in one sentence, how sure it is, what shows it, and the fix.

const WORDS = { proven: 'Proven', likely: 'Most likely', possible: 'Possible' } as const
/** Where the causes are described, relative to this page. */
const CAUSES = '../causes.md'

/** Shows the result: the first finding completely, the others folded. */
export function viewExplanation({ verdict, signature, findings }: Explanation): HTMLElement {
  const [first, ...others] = findings
  const sentence = verdict.replace(/ To learn more, pass .*\.$/, '')
  const headline = first && signature !== 'right' ? first.message : sentence
  return h(
    'section',
    { 'aria-label': 'Result', class: `result ${signature}` },
    first && signature !== 'right'
      ? h('p', { class: `badge ${first.confidence}` }, WORDS[first.confidence])
      : h('p', { class: `badge ${signature}` }, signature === 'right' ? 'Signature correct' : 'Cause unknown'),
    h('h2', {}, headline),
    first && details(first),
    others.length > 0 &&
      h(
        'details',
        { class: 'others' },
        h('summary', {}, `${others.length} more possible ${others.length === 1 ? 'cause' : 'causes'}`),
        ...others.map((finding) =>
          h(
            'div',
            { class: 'other' },
            h('h3', {}, `${WORDS[finding.confidence]}: ${finding.message}`),
            details(finding),
          ),
        ),
      ),
  )
}

function details(finding: Finding): HTMLElement {
  const { cause, evidence, fix, check } = finding
  const compared = comparedValues(finding)
  const row = (name: string, ...content: (Node | string)[]): HTMLElement[] => [
    h('dt', {}, name),
    h('dd', {}, ...content),
  ]
  const copyFix = button('Copy', (trigger) => void copy(fix, trigger), 'small')
  copyFix.setAttribute('aria-label', 'Copy the fix')
  return h(
    'dl',
    {},
    ...row('Fix', h('span', { class: 'fix' }, fix), ' ', copyFix),
    ...(check === undefined ? [] : row('Check', check)),
    ...row('Evidence', evidence),
    ...(compared ? row('Difference', h('div', {}, ...pairOf(compared.labels, compared.values))) : []),
    ...row('Cause', aboutCause(cause)),
  )
}

/** Both values with a label, one below the other, and a sentence that states where they differ. */
function pairOf(labels: readonly [string, string], values: readonly [string, string]): HTMLElement[] {
  const diff = highlightDiff(...values)
  const shared = diff[0].before.length
  const place = shared === 0 ? 'They differ from the first character.' : `They differ from character ${shared + 1}.`
  return [
    ...labels.map((label, i) => h('p', { class: 'side' }, h('span', { class: 'label' }, label), marked(diff[i]!))),
    h('p', { class: 'where' }, place),
  ]
}

/** A value in which the part that differs is marked. */
export function marked({ before, differs, after }: { before: string; differs: string; after: string }): HTMLElement {
  return h('code', { dir: 'ltr' }, before, h('mark', {}, differs === '' ? '∅' : differs), after)
}

function aboutCause(cause: Cause): HTMLElement {
  const { means, happens } = causeText(cause)
  return h(
    'details',
    { class: 'cause' },
    h('summary', {}, code(cause)),
    h('p', {}, `${means} ${visible(happens)}`),
    h('p', {}, h('a', { href: `${CAUSES}#${cause}` }, 'Example, messages of services, and how to reproduce it')),
  )
}

/** The result in one or two sentences, for screen readers. */
export function summary({ verdict, signature, findings: [first] }: Explanation): string {
  const result = verdict.replace(/ To learn more, pass .*\.$/, '')
  return first && signature !== 'right' ? `${result} Fix: ${first.fix}` : result
}
