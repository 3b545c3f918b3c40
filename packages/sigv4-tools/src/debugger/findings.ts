import { comparedValues, isErrorAlone } from '../cli/output/compare.ts'
import { CERTAINTY } from '../explain/wording.ts'
import { type Cause, causeText, type DiffSegments, type Explanation, type Finding, highlightDiff } from '../explain.ts'
import { button, code, copy, h, visible } from './dom.ts'

// The cause in one sentence, how sure it is, what shows it, and the fix.

/** Characters that are shown around a difference, and of it. */
const CONTEXT = 300
const LONGEST = 1000

/** Shows the result. If only the error is known, it lists the common causes instead of choosing one. */
export function viewExplanation(explanation: Explanation): HTMLElement {
  const { signature, findings } = explanation
  const [first, ...others] = findings
  if (!first || signature === 'right')
    return frame(signature, verdictBadge(explanation), explanation.verdict, first && details(first))
  if (signature === 'unknown')
    return frame(
      'unknown',
      'Possible cause',
      explanation.verdict,
      details(first),
      folded('Other possible causes', others),
    )
  if (isErrorAlone(explanation))
    return frame(
      'unknown',
      'Cause unknown',
      'The error alone does not show the cause. Add the request.',
      others.length === 0 ? details(first) : folded('Common causes of this error', findings),
    )
  const kind = others.every(({ confidence }) => confidence === 'possible') ? 'possible ' : ''
  return frame(
    first.confidence,
    CERTAINTY[first.confidence],
    first.message,
    details(first),
    others.length > 0 && folded(`${others.length} more ${kind}${others.length === 1 ? 'cause' : 'causes'}`, others),
  )
}

function frame(
  kind: string,
  badge: string,
  headline: string,
  ...content: (HTMLElement | false | undefined)[]
): HTMLElement {
  return h(
    'section',
    { 'aria-label': 'Result', class: `result ${kind}` },
    h('p', { class: 'badge' }, badge),
    h('h2', {}, visible(headline)),
    ...content,
  )
}

function verdictBadge({ findings, signature }: Explanation): string {
  if (signature !== 'right') return 'Cause unknown'
  return findings[0]?.cause === 'not-auth' ? 'Not the signature' : 'Signature correct'
}

function folded(title: string, findings: readonly Finding[]): HTMLElement {
  return h(
    'details',
    { class: 'others' },
    h('summary', {}, title),
    ...findings.map((finding) =>
      h(
        'div',
        { class: 'other' },
        h('h3', {}, `${CERTAINTY[finding.confidence]}: ${visible(finding.message)}`),
        details(finding),
      ),
    ),
  )
}

function details(finding: Finding): HTMLElement {
  const { cause, confidence, evidence, fix, trial } = finding
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
    ...row('Fix', h('span', { class: 'fix' }, visible(fix)), ' ', copyFix),
    ...(trial !== undefined ? row('Try', visible(trial)) : []),
    ...(confidence === 'possible' ? row('Check', causeText(cause).check) : []),
    ...row('Evidence', visible(evidence)),
    ...(compared ? row('Difference', h('div', {}, ...pairOf(compared.labels, compared.values))) : []),
    ...row('Cause', aboutCause(cause)),
  )
}

/** Both values with a label, one below the other, and a sentence that states where they differ. */
function pairOf(labels: readonly [string, string], values: readonly [string, string]): HTMLElement[] {
  const diff = highlightDiff(...values)
  const shared = diff[0].before.length
  const place =
    shared === 0 ? 'They differ starting at the first character.' : `They differ starting at character ${shared + 1}.`
  return [
    ...labels.map((label, i) => h('p', { class: 'side' }, h('span', { class: 'label' }, label), marked(diff[i]!))),
    h('p', { class: 'where' }, place),
  ]
}

/** A value in which the part that differs is marked. */
export function marked({ before, differs, after }: DiffSegments): HTMLElement {
  return h(
    'code',
    { dir: 'ltr' },
    before.length > CONTEXT ? `…${before.slice(-CONTEXT)}` : before,
    h('mark', {}, differs === '' ? '(nothing)' : cut(differs, LONGEST)),
    cut(after, CONTEXT),
  )
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}

function aboutCause(cause: Cause): HTMLElement {
  const { means, happens } = causeText(cause)
  const page = document.querySelector<HTMLMetaElement>('meta[name=causes]')?.content
  return h(
    'details',
    { class: 'cause' },
    h('summary', {}, code(cause)),
    h('p', {}, `${means} ${happens}`),
    page !== undefined &&
      h('p', {}, h('a', { href: `${page}#${cause}` }, 'Example, messages of services, and how to reproduce it')),
  )
}

/** The result in one or two sentences, for screen readers. */
export function summary(explanation: Explanation): string {
  const [first] = explanation.findings
  const result = explanation.verdict
  return visible(first && explanation.signature !== 'right' ? `${result} Fix: ${first.fix}` : result)
}
