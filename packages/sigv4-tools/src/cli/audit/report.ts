import type { Note, Proof } from '../../../../../suite/format/format.ts'
import type { AuditReport, Example, Outcome } from '../../audit/audit.ts'
import type { Case } from '../../audit/select.ts'
import type { Verdict } from '../../audit/verdict.ts'
import type { Call } from '../program/command.ts'
import { table, wrap } from '../program/terminal.ts'

// Formats what a server accepted that S3 rejects, and the reverse.

/** What was audited. */
export interface Audited {
  readonly url: string
  /** Empty for services other than S3. */
  readonly bucket: string
  readonly region: string
  readonly hasToken: boolean
  /** Version of the files. */
  readonly suite: string
}

type Format = Pick<Call, 'paint' | 'width'>

/** Columns of the table, and the verdicts that they count. */
const COLUMNS: readonly (readonly [title: string, verdicts: readonly Verdict[]])[] = [
  ['right', ['right', 'either']],
  ['wrong', ['accepted', 'rejected']],
  ['untested', ['untested']],
  ['error', ['error']],
]

const SEVERITIES: readonly Note['severity'][] = ['security', 'interoperability']

const NO_VERIFICATION = 'The server does not verify signatures: it accepts requests that were signed with a wrong key.'

/** Returns whether the exit code is 1. */
export function hasFindings({ verifies, outcomes }: AuditReport, isStrict: boolean): boolean {
  return !verifies || outcomes.some(({ severity }) => severity === 'security' || (isStrict && severity !== undefined))
}

/** Returns the outcomes that are findings, those of security first. */
export function findingsOf({ outcomes }: AuditReport): Outcome[] {
  return SEVERITIES.flatMap((severity) => outcomes.filter((outcome) => outcome.severity === severity))
}

/** Counts the verdicts of each class. */
function classesOf({ outcomes }: AuditReport): (readonly [flag: string, counts: readonly number[]])[] {
  const flags = [...new Set(outcomes.map(({ test }) => test.flags[0]!))]
  return flags.map((flag) => {
    const own = outcomes.filter(({ test }) => test.flags[0] === flag)
    return [flag, COLUMNS.map(([, verdicts]) => own.filter(({ verdict }) => verdicts.includes(verdict)).length)]
  })
}

function totalOf(classes: ReturnType<typeof classesOf>): number[] {
  return COLUMNS.map((_, i) => classes.reduce((sum, [, counts]) => sum + counts[i]!, 0))
}

function introduction(report: AuditReport, { url, bucket, suite }: Audited): string {
  const { outcomes, requests, seconds } = report
  return `${url}${bucket && `, bucket ${bucket}`}: ${outcomes.length} tests of suite ${suite}, ${requests} requests, ${seconds.toFixed(0)} seconds.`
}

/** Reasons why something was not tested. */
export function limitsOf({ outcomes, stopped }: AuditReport, { hasToken, bucket }: Audited): string[] {
  const count = outcomes.filter(({ verdict }) => verdict === 'untested').length
  return [
    ...(stopped === 'no responses' ? ['The server stopped responding. The other tests were not sent.'] : []),
    ...(hasToken && bucket
      ? ['The credentials have a session token: only the tests of temporary credentials were sent.']
      : []),
    ...(count > 0
      ? ['Untested: the server rejects the valid request that a test is derived from, or does not have the operation.']
      : []),
  ]
}

/** Describes a response. */
export function responseOf({ status, code, problem }: Outcome): string {
  return problem ?? `status ${status}${code ? ` ${code}` : ''}`
}

/** Describes how a server responded to a test, and how it should have. */
function resultOf(outcome: Outcome): string {
  const { test, verdict, hasEffect } = outcome
  if (verdict === 'rejected') return `a valid request, rejected with ${responseOf(outcome)}`
  const { status, code = '' } = test.aws ?? {}
  const effect = hasEffect === undefined ? '' : hasEffect ? ', and it took effect' : ', without an effect'
  return `accepted with ${responseOf(outcome)}${effect}; S3 rejects it${status === undefined ? '' : ` with ${`${status} ${code}`.trim()}`}`
}

/** Findings of one class and severity. */
interface Finding {
  readonly severity: Note['severity']
  readonly flag: string
  readonly outcomes: readonly Outcome[]
}

function groupsOf(report: AuditReport): Finding[] {
  const found = findingsOf(report)
  const names = [...new Set(found.map(({ severity, test }) => `${severity} ${test.flags[0]}`))]
  return names.map((name) => {
    const outcomes = found.filter(({ severity, test }) => `${severity} ${test.flags[0]}` === name)
    const [{ severity, test }] = outcomes as [Outcome]
    return { severity: severity!, flag: test.flags[0]!, outcomes }
  })
}

/** Returns what a finding allows, its rule, and its sources, in rows. */
function rowsOf({ outcomes }: Finding): (readonly [name: string, value: string | undefined])[] {
  const [{ note }] = outcomes as [Outcome]
  const isAccepted = outcomes.some(({ verdict }) => verdict === 'accepted')
  const mayHaveEffect = outcomes.some(({ verdict, hasEffect }) => verdict === 'accepted' && hasEffect !== false)
  const sources = [...note.source, ...outcomes.flatMap(({ test }) => (test.aws ? [test.aws.source] : []))]
  return [
    ['allows', mayHaveEffect ? note.effect : undefined],
    ['rule', isAccepted ? note.description : undefined],
    ['source', [...new Set(sources)].join(' ')],
    ['public', note.seen.length > 0 && isAccepted ? `found in other servers: ${note.seen.join(' ')}` : undefined],
  ]
}

/** Formats a report for a terminal. */
export function auditText(report: AuditReport, of: Audited, { paint, width }: Format): string {
  if (!report.verifies)
    return `${[...wrap(introduction(report, of), width), ...wrap(NO_VERIFICATION, width)].join('\n')}\n`
  const classes = classesOf(report)
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(22)}${cells.map((cell) => String(cell).padStart(10)).join('')}`
  const findings = findingsOf(report)
  const errors = report.outcomes.filter(({ verdict }) => verdict === 'error')
  return [
    ...wrap(introduction(report, of), width),
    '',
    paint(
      'bold',
      line(
        'class',
        COLUMNS.map(([title]) => title),
      ),
    ),
    ...classes.map(([flag, counts]) => line(flag, counts)),
    line('total', totalOf(classes)),
    ...limitsOf(report, of).flatMap((limit) => ['', ...wrap(limit, width)]),
    ...groupsOf(report).flatMap((finding) => [
      '',
      paint(finding.severity === 'security' ? 'red' : 'bold', `${finding.severity}: ${finding.flag}`),
      table(rowsOf(finding), { paint, width }).trimEnd(),
      ...finding.outcomes.flatMap((outcome) => [
        `  ${paint('bold', outcome.test.id)}`,
        ...wrap(`${outcome.test.comment}: ${resultOf(outcome)}.`, width - 4).map((text) => `    ${text}`),
      ]),
    ]),
    ...(errors.length > 0 ? ['', paint('bold', 'Errors of the server')] : []),
    ...errors.map((outcome) => `  ${outcome.test.id}: ${responseOf(outcome)}`),
    '',
    summaryOf(findings),
    ...(findings.length > 0 ? [`A request: npx sigv4-tools audit --show ${findings[0]!.test.id}`] : []),
    '',
  ].join('\n')
}

/** Counts findings by severity. */
export function summaryOf(findings: readonly Outcome[]): string {
  if (findings.length === 0) return 'No findings.'
  const counts = SEVERITIES.map(
    (severity) => `${findings.filter((outcome) => outcome.severity === severity).length} of ${severity}`,
  )
  return `Findings: ${counts.join(', ')}.`
}

/** Escapes what Markdown would interpret. */
export const cell = (text: string): string => text.replace(/[|\\<>&*_`[\]]/g, '\\$&')

/** Formats a report as Markdown. */
export function auditMarkdown(report: AuditReport, of: Audited): string {
  const findings = findingsOf(report)
  const classes = classesOf(report)
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [
    cell(introduction(report, of)),
    '',
    ...(report.verifies
      ? [
          row(['class', ...COLUMNS.map(([title]) => title)]),
          row(['---', ...COLUMNS.map(() => '--:')]),
          ...classes.map(([flag, counts]) => row([flag, ...counts])),
          row(['total', ...totalOf(classes)]),
          ...limitsOf(report, of).flatMap((limit) => ['', limit]),
        ]
      : [NO_VERIFICATION]),
    ...groupsOf(report).flatMap((finding) => [
      '',
      `**${finding.severity}: ${finding.flag}**`,
      '',
      ...rowsOf(finding).flatMap(([name, value]) => (value === undefined ? [] : [`- ${name}: ${cell(value)}`])),
      ...finding.outcomes.map(
        (outcome) => `- \`${outcome.test.id}\`: ${cell(`${outcome.test.comment}: ${resultOf(outcome)}`)}.`,
      ),
    ]),
    ...(report.verifies ? ['', summaryOf(findings)] : []),
    '',
  ].join('\n')
}

/** Returns a report for JSON. */
export function auditJson(report: AuditReport, { url, bucket, region, suite }: Audited) {
  const { outcomes, verifies, requests, seconds, stopped } = report
  return {
    ...{ url, bucket, region, suite, verifies, requests, seconds, stopped },
    classes: Object.fromEntries(
      classesOf(report).map(([flag, counts]) => [
        flag,
        Object.fromEntries(COLUMNS.map(([title], i) => [title, counts[i]!])),
      ]),
    ),
    tests: outcomes.map(({ test, note, verdict, severity, status, code, problem, hasEffect }) => ({
      ...{ id: test.id, flags: test.flags, result: test.result, verdict, severity, status, code, problem, hasEffect },
      ...(severity && { comment: test.comment, allows: note.effect, expected: test.aws, source: note.source }),
    })),
  }
}

/** Lists tests, one per line. */
export function caseLines(cases: readonly Case[], { paint }: Format): string {
  const selected = cases.filter(({ isSelected }) => isSelected)
  const longest = Math.max(...selected.map(({ test }) => test.id.length))
  return selected
    .map(
      ({ test: { id, result, flags, comment } }) =>
        `${id.padEnd(longest)}  ${result.padEnd(10)}  ${flags[0]!.padEnd(20)}  ${paint('dim', comment)}\n`,
    )
    .join('')
}

/** Describes a test with its request, which is signed with a key of AWS's documentation. */
export function describeCase(
  { test, note, group }: Case,
  { request, signed }: Example,
  { paint, width }: Format,
): string {
  const { accessKeyId, region, now } = group.setting
  const rows = [
    ['result', test.result],
    ['class', `${test.flags[0]}: ${note.description}`],
    ['allows', test.result === 'invalid' ? note.effect : undefined],
    ['derived from', test.of],
    ['differs in', test.change && `${test.change.what}: ${test.change.parts.join(', ')}`],
    ['signature', test.signature],
    [
      'S3 responds',
      test.aws && (test.aws.status === undefined ? 'not documented' : `${test.aws.status} ${test.aws.code ?? ''}`),
    ],
    ['source', [...new Set([...(test.aws ? [test.aws.source] : []), ...note.source])].join(' ')],
    ['effect', test.proof && effectOf(test.proof)],
    ['example', `access key ID ${accessKeyId}, region ${region}, time ${now}`],
  ] as const
  const title = (text: string): string => `\n${paint('bold', text)}\n`
  return [
    `${paint('bold', test.id)}\n`,
    ...wrap(test.comment, width).map((line) => `${line}\n`),
    '\n',
    table(rows, { paint, width }),
    title('Sent'),
    indented(request),
    title('Signed'),
    ...signed.map(({ name, text }) => `  ${paint('dim', name)}\n${indented(text)}`),
  ].join('')
}

/** Describes what a read of an object shows if a fault took effect. */
export function effectOf({ get, is, has }: Proof): string {
  return is === undefined ? `${get} has the header ${has}` : `${get} has the content of ${is}`
}

function indented(text: string): string {
  return `${text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => `    ${line}\n`)
    .join('')}`
}
