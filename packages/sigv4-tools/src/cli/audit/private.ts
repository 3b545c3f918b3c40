import type { Note } from '../../../../../suite/format/format.ts'
import type { AuditReport, Outcome } from '../../audit/audit.ts'
import { escapeCharacter, printable, UNPRINTABLE } from '../../redaction/unprintable.ts'
import { quote } from '../output/curl.ts'
import { type Audited, cell, effectOf, findingsOf, limitsOf, responseOf } from './report.ts'

// Formats the findings for the maintainers of a server, who may not have this package: each with its evidence.

/** What was audited, and how. */
export interface PrivatelyAudited extends Audited {
  /** The time at the start, in ISO 8601. */
  readonly date: string
  /** Version of this package. */
  readonly tools: string
  /** The command of the audit, without a selection of tests. */
  readonly command: string
}

/** The line that is left to the sender, because no response contains it reliably. */
export const UNKNOWN_VERSION =
  '- **Version and configuration**: not known to the audit. Add them before you send this report.'

/** Longest value of a header that is shown. */
const MAX_HEADER = 120

/** Findings with the same root cause, as far as the tests tell: of one class, and wrong in the same direction. */
interface Cause {
  readonly severity: Note['severity']
  readonly flag: string
  readonly verdict: 'accepted' | 'rejected'
  readonly outcomes: readonly Outcome[]
}

/** Returns the causes: those of security first, and of these the ones that took effect. */
function causesOf(report: AuditReport): Cause[] {
  const groups = new Map<string, Outcome[]>()
  for (const outcome of findingsOf(report)) {
    const key = `${outcome.severity} ${outcome.verdict} ${outcome.test.flags[0]}`
    groups.set(key, [...(groups.get(key) ?? []), outcome])
  }
  const causes = [...groups.values()].map((outcomes): Cause => {
    const [{ severity, test, verdict }] = outcomes as [Outcome]
    return {
      ...{ severity: severity!, flag: test.flags[0]!, outcomes },
      verdict: verdict === 'rejected' ? 'rejected' : 'accepted',
    }
  })
  const rank = (cause: Cause): number => (cause.severity === 'security' ? 0 : 2) + (tookEffect(cause) ? 0 : 1)
  return causes.sort((a, b) => rank(a) - rank(b))
}

const tookEffect = ({ outcomes }: Cause): boolean => outcomes.some(({ hasEffect }) => hasEffect === true)

/** Returns the finding whose request is shown: one that took effect, and of these the shortest. */
function exampleOf({ outcomes }: Cause): Outcome {
  const rank = ({ hasEffect, request }: Outcome): number => (hasEffect === true ? 0 : 1e9) + request.length
  return outcomes.reduce((best, outcome) => (rank(outcome) < rank(best) ? outcome : best))
}

/** Formats a private report as Markdown. */
export function privateReport(report: AuditReport, of: PrivatelyAudited): string {
  const { url, bucket, region, suite, date, tools } = of
  const causes = causesOf(report)
  const server = report.server === undefined ? undefined : code(report.server.slice(0, MAX_HEADER))
  const text = [
    `**Confidential: for the maintainers of the server that was audited, ${url}, and only for them.**`,
    '',
    '# Requests that S3 rejects and this server accepts, and the reverse',
    '',
    `- **Server**: ${url}${bucket && `, bucket ${code(bucket)}`}, region ${code(region)}`,
    `- **Its header \`Server\`**: ${server ?? 'none'}`,
    UNKNOWN_VERSION,
    `- **Date**: ${date}`,
    `- **Tests**: version ${suite} of the suite of sigv4, sent by sigv4-tools ${tools}`,
    ...(report.verifies ? [`- **Result**: ${resultOf(report)}`] : []),
    ...(report.verifies
      ? limitsOf(report, of).map((limit) => `- **Not tested**: ${limit.replace(/^Untested: /, '')}`)
      : []),
    ...(report.verifies ? findings(report, causes, of) : ['', unverified(of)]),
    ...(report.verifies ? method(report, of) : []),
    ...PUBLICATION,
    '',
  ].join('\n')
  return text.replace(UNPRINTABLE, (found) => (found === '\n' || found === '\t' ? found : escapeCharacter(found)))
}

function resultOf(report: AuditReport): string {
  const all = findingsOf(report)
  if (all.length === 0) return 'no findings'
  const count = (severity: Note['severity']): number => all.filter((outcome) => outcome.severity === severity).length
  return `${count('security')} findings of security, ${count('interoperability')} of interoperability`
}

function unverified({ command }: PrivatelyAudited): string {
  return `The server does not verify signatures. The audit stored an object, and read it with two wrong signatures, one in a header and one in the query; the server accepted both requests, and S3 rejects them with 403 SignatureDoesNotMatch. Anyone who can connect to the server can do what the holder of a key can. Therefore, the audit sent no other test. If this is intended, as in a server that is for tests only, state it in its documentation. To reproduce it, run \`${command}\`.`
}

function findings(report: AuditReport, causes: readonly Cause[], { command }: PrivatelyAudited): string[] {
  const errors = report.outcomes.filter(({ verdict }) => verdict === 'error')
  return [
    ...(causes.length > 0
      ? [
          ...(causes.length > 1
            ? ['', '## Summary', '', ...causes.map((cause, i) => `${i + 1}. ${summary(cause)}`)]
            : []),
          '',
          'To reproduce a finding, run its command with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` of a user who may read and write the bucket. It sends the request again, signed now, and deletes what it stored. With the name of a class in place of the test, it sends all tests of the class.',
          '',
          'Lines of the requests end with CR and LF. `\\x` precedes the hex digits of a byte that cannot be printed, and `[8192 times a]` is a long run of one character.',
        ]
      : []),
    ...causes.flatMap((cause, i) => ['', `## ${i + 1}. ${titleOf(cause)}`, '', ...section(cause, command)]),
    ...(errors.length > 0
      ? [
          '',
          '## Requests that the server failed to respond to',
          '',
          'It responded with status 500 or above, with something other than HTTP, or not at all. These are not findings, but they may be bugs.',
          '',
          ...errors.map(
            (outcome) => `- ${code(outcome.test.id)}: ${cell(outcome.test.comment)}: ${responseOf(outcome)}`,
          ),
        ]
      : []),
  ]
}

const SEVERITY = { security: 'Security', interoperability: 'Interoperability' } as const

function titleOf({ severity, flag, verdict }: Cause): string {
  return `${SEVERITY[severity]}: ${cell(flag)}${verdict === 'accepted' ? '' : ', valid requests are rejected'}`
}

function summary(cause: Cause): string {
  const { outcomes } = cause
  const [{ note }] = outcomes as [Outcome]
  const means = mayHaveEffect(cause)
    ? `${cell(note.effect)}${tookEffect(cause) ? ' It took effect.' : ''}`
    : isAccepted(cause)
      ? 'Accepted, without an effect.'
      : 'Correct clients fail.'
  return `${titleOf(cause)} (${outcomes.length} ${outcomes.length === 1 ? 'test' : 'tests'}). ${means}`
}

const isAccepted = ({ verdict }: Cause): boolean => verdict === 'accepted'

/** Whether at least one request that was accepted may have changed something. */
function mayHaveEffect({ outcomes }: Cause): boolean {
  return outcomes.some(({ verdict, hasEffect }) => verdict === 'accepted' && hasEffect !== false)
}

function section(cause: Cause, command: string): string[] {
  const { outcomes } = cause
  const [{ note }] = outcomes as [Outcome]
  const example = exampleOf(cause)
  const request = requestText(example.request)
  const policy = policyOf(example.request)
  const fence = '`'.repeat(Math.max(3, longestRun(request, '`') + 1))
  return [
    ...(isAccepted(cause)
      ? [
          ...(mayHaveEffect(cause) ? [`- **What it allows**: ${cell(note.effect)}`] : []),
          `- **Effect**: ${effects(cause)}`,
          `- **Rule**: S3 rejects such requests: ${cell(note.description.replace(/^(?:The|An?)\b/, (word) => word.toLowerCase()))}`,
        ]
      : ['- **Rule**: S3 accepts these requests: they are correctly signed.']),
    `- **Source**: ${note.source.map(sourceText).join('; ')}`,
    ...(note.seen.length > 0 && isAccepted(cause)
      ? [
          `- **Public**: other servers had findings of this class: ${note.seen.map((url) => `<${cell(url)}>`).join(' ')}`,
        ]
      : []),
    '',
    '| test | request | response | S3 |',
    '| --- | --- | --- | --- |',
    ...outcomes.map(
      (outcome) => `| ${[code(outcome.test.id).replaceAll('|', '\\|'), ...cellsOf(outcome)].join(' | ')} |`,
    ),
    '',
    `The request of ${code(example.test.id)}, as it was sent${difference(example)}:`,
    '',
    `${fence}http`,
    request,
    fence,
    '',
    ...(policy === undefined ? [] : [`Its policy is ${code(policy)}.`, '']),
    `The server responded with ${responseOf(example)}. To reproduce it:`,
    '',
    '```sh',
    `${command} --only ${quote(example.test.id)}`,
    '```',
  ]
}

/** Describes what the accepted requests of a cause changed. */
function effects(cause: Cause): string {
  const shown = cause.outcomes.find(({ hasEffect }) => hasEffect === true)
  if (shown) {
    const { id, proof, provedBy } = shown.test
    const evidence = proof
      ? `after ${code(id)}, ${cell(effectOf(proof))}`
      : `the server also accepts ${code(provedBy ?? '')}, which it rejects if it ignores the fault`
    return `It took effect: ${evidence}.`
  }
  return mayHaveEffect(cause)
    ? 'Not checked. The finding is that the server accepts the requests.'
    : 'None. The server accepts the requests, and ignores what is wrong with them.'
}

/** Returns what was sent, the response, and what S3 responds. */
function cellsOf(outcome: Outcome): string[] {
  const { test, verdict, hasEffect } = outcome
  const effect = hasEffect === undefined ? '' : hasEffect ? ', took effect' : ', no effect'
  const { status, code: errorCode = '', source = '' } = test.aws ?? {}
  const rejection = status === undefined ? 'rejected, status not documented' : `${status} ${errorCode}`.trim()
  const link = /^\w+:https:/.test(source)
    ? ` ([${source.split(':')[0]}](${source.slice(source.indexOf(':') + 1)}))`
    : ''
  const expected = verdict === 'rejected' ? 'accepted' : `${cell(rejection)}${link}`
  return [cell(test.comment), `${responseOf(outcome)}${effect}`, expected]
}

/** Names for parts of a request, and of what is signed, that readers know. */
const PARTS: Readonly<Record<string, string>> = {
  'key signature': 'the signing key',
  'signed names': 'the list of signed headers',
  'signed payload': 'the signed payload hash',
  'step body': 'the body',
  'step policy': 'the policy',
  'step signature': 'the signature',
}

function partText(part: string): string {
  const [, signed = '', kind = '', name = ''] = /^(signed )?(header|query|field) (\S+)$/.exec(part) ?? []
  if (kind) return `the ${signed}${kind === 'query' ? 'parameter' : kind} ${code(name)}`
  return PARTS[part] ?? (/^(?:step|key) /.test(part) ? 'the signature' : `the ${cell(part)}`)
}

/** Describes how a request differs from the valid one that it is derived from. */
function difference({ test: { of, change }, verdict }: Outcome): string {
  if (verdict === 'rejected' || of === undefined || !change) return ''
  const parts = [...new Set(change.parts.map(partText))]
  return `. ${code(of)} is a valid request that the server also accepts; this one differs in ${parts.join(', ')}`
}

/** Returns the policy of a form, decoded. */
function policyOf(request: string): string | undefined {
  const [, policy] = /; name="policy"\r\n\r\n([\w+/]+=*)\r\n/i.exec(request) ?? []
  return policy && Buffer.from(policy, 'base64').toString()
}

function sourceText(source: string): string {
  const [, kind, url] = /^(?:(docs|observed):)?(https:.*)$/.exec(source) ?? []
  if (url === undefined)
    return source === 'arithmetic' ? 'the bytes that were sent have a different signature' : cell(source)
  const from = { docs: "AWS's documentation", observed: 'an S3 response in public' }[kind ?? ''] ?? 'a discussion'
  return `${from}, <${url}>`
}

function method(report: AuditReport, { bucket }: PrivatelyAudited): string[] {
  const { requests, seconds } = report
  return [
    '',
    '## How it was tested',
    '',
    `\`sigv4-tools audit\` sent ${requests} requests to the server in ${seconds.toFixed(0)} seconds, over one connection each, with valid credentials${bucket && ', and stored objects in a new folder of the bucket'}. Most of them are one step away from a valid request: a header was added, the path was changed, or a different key was used. A request that S3 rejects is a finding only if the server accepted the valid one in the same run. "Took effect" means that the audit then read an object that shows it. What S3 responds is documented by AWS ("docs"), was observed in public ("observed"), or follows from the signature; no request was sent to S3.`,
    '',
    'A finding of security allows something that the signer did not. A finding of interoperability is a missing check, or a valid request that was rejected.',
    '',
    '`npx sigv4-tools audit --show ID` prints any of the tests, and what is signed. The requests in this report contain signatures, and a session token if the credentials have one, which expire. They do not contain the secret access key.',
  ]
}

const PUBLICATION = [
  '',
  '## Publication',
  '',
  'Nothing in this report has been published. `sigv4-tools audit` wrote it to a file that only its user can read, and sent it nowhere. Please handle it as a private report of a vulnerability: respond to its sender, and say when a fixed version will be released, and what may be published, and when.',
]

/** Formats text as code in a line of Markdown. */
function code(text: string): string {
  const fence = '`'.repeat(longestRun(text, '`') + 1)
  const space = /^`|`$/.test(text) ? ' ' : ''
  return `${fence}${space}${printable(text)}${space}${fence}`
}

function longestRun(text: string, character: string): number {
  let longest = 0
  let length = 0
  for (const each of text) {
    length = each === character ? length + 1 : 0
    longest = Math.max(longest, length)
  }
  return longest
}

/** Formats the bytes of a request as lines. */
function requestText(request: string): string {
  return request
    .replace(/\r\n|[^\t\x20-\x7e]/g, (found) => (found === '\r\n' ? '\n' : escapeCharacter(found)))
    .replace(/([!-~])\1{199,}/g, (run, character: string) => `[${run.length} times ${character}]`)
    .replace(/\n$/, '')
}
