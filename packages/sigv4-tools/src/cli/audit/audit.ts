import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import type { Setting, SuiteFile, UnfilledTest } from '../../../../../suite/format/format.ts'
import type { AuditOptions } from '../../audit/audit.ts'
import type { Case } from '../../audit/select.ts'
import { defaultRegion, requireCredentials } from '../input/credentials.ts'
import { decodeText, readInput } from '../input/files.ts'
import { parseCount, parseDuration } from '../input/values.ts'
import { quote } from '../output/curl.ts'
import { printJson } from '../output/print.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { describeFileError, got, hideSecrets, shown, usage } from '../program/errors.ts'
import { IDENTITY } from '../program/options.ts'
import { ownVersion, readOwnFile } from '../program/own.ts'
import { checkReportFile, writeReportFile } from './file.ts'
import { privateReport } from './private.ts'
import { auditJson, auditMarkdown, auditText, caseLines, describeCase, hasFindings } from './report.ts'

export const auditCommand: Command = {
  name: 'audit',
  summary: 'Find out what an S3-compatible server accepts and S3 rejects',
  usage: ['audit URL --bucket NAME [options]', 'audit URL --service NAME --path PATH [options]'],
  notes: ['Writes below sigv4-audit-…, then deletes it. Audit only servers that are yours.'],
  examples: [
    ['audit a local server', 'npx sigv4-tools audit http://127.0.0.1:9000 --bucket test'],
    ['only presigned URLs', "npx sigv4-tools audit http://127.0.0.1:9000 --bucket test --only 'presigned/*'"],
    ['what a test sends, and why it is rejected', 'npx sigv4-tools audit --show presigned/put-copy-source'],
  ],
  options: [
    ...(['bucket', 'virtual-host', 'region', 'prefix', 'service', 'path', ...IDENTITY] as const),
    ...(['only', 'skip', 'suite', 'concurrency', 'rate', 'timeout', 'dry-run', 'keep', 'yes'] as const),
    ...(['list', 'show', 'json', 'markdown', 'report', 'strict'] as const),
  ],
  help: {
    region: 'Region (default AWS_REGION, profile, us-east-1)',
    prefix: 'Folder for what is stored, such as tests/',
    service: 'Service other than S3; stores nothing itself',
  },
  run,
}

/** Loads the tests, which nothing else needs. */
async function loadSuite() {
  const [audit, select, files] = await Promise.all([
    import('../../audit/audit.ts'),
    import('../../audit/select.ts'),
    import('../../audit/files.ts'),
  ])
  return { ...audit, ...select, ...files }
}

type Suite = Awaited<ReturnType<typeof loadSuite>>

async function run(call: Call): Promise<0 | 1> {
  checkCount(call, 1)
  if (call.has('json') && call.has('markdown')) usage('--json and --markdown cannot be combined.')
  const service = serviceOption(call)
  const reportFile = call.value('report')
  if (reportFile !== undefined) await checkReport(call, reportFile)
  const suite = await loadSuite()
  const folder = call.value('suite')
  const files: readonly SuiteFile<UnfilledTest>[] =
    folder === undefined
      ? suite.unpackFiles(readOwnFile(call, 'suite.json.gz', 'the tests'))
      : await readSuite(call, suite, folder)
  const all = suite.allCases(files, service !== 's3')
  if (all.length === 0)
    usage(`--suite has no tests for ${service === 's3' ? 'S3' : 'other services'} that can be sent.`)
  const shownId = call.value('show')
  if (shownId !== undefined) return show(call, suite, all, shownId)
  const selected = select(call, suite, all)
  if (call.has('list')) {
    if (call.has('json')) printJson(call, { tests: listed(selected) })
    else call.print(caseLines(selected, call))
    return 0
  }
  const target = readTarget(call, service)
  const limits = {
    concurrency: parseCount('--concurrency', call.value('concurrency') ?? '4', 64, 1),
    rate: parseCount('--rate', call.value('rate') ?? '20', 10_000, 1),
    timeout: parseDuration('--timeout', call.value('timeout') ?? '10s'),
  }
  if (limits.timeout === 0) usage('--timeout must be at least 1s.')
  const region = call.value('region') || (await defaultRegion(call)) || 'us-east-1'
  if (!/^[\w-]{1,64}$/.test(region)) usage(`--region must be a name such as us-east-1${got(region)}.`)
  const credentials = await requireCredentials(call)
  const setting = settingOf(target, credentials, region, suite.newFolder())
  const cases = suite.casesFor(selected, credentials.sessionToken !== undefined)
  if (!cases.some(({ isSelected }) => isSelected))
    usage(
      `the selected tests need credentials ${credentials.sessionToken === undefined ? 'with' : 'without'} a session token. Pass them, or select others.`,
    )
  if (call.has('dry-run')) return dryRun(call, suite, cases, setting)
  const interrupted = call.terminal.interrupted()
  const options: AuditOptions = {
    ...{ address: target.address, setting, cases, limits, interrupted },
    interruptedNext: call.terminal.interrupted,
    keep: call.has('keep'),
    confirm: confirmation(call, interrupted),
    progress: (text) => call.status?.(text),
  }
  const report = await suite.audit(options).catch((error: Error) => {
    if (error instanceof suite.AuditError) usage(error.message)
    throw error
  })
  call.status?.('')
  for (const reason of new Set(report.left.map(({ reason }) => reason))) {
    const keys = report.left.filter((each) => each.reason === reason).map(({ key }) => `  ${key}\n`)
    call.note(`Not deleted, because ${reason}:\n${keys.join('')}`)
  }
  if (call.has('keep') && service === 's3') call.note(`What was stored is in ${setting.prefix}\n`)
  if (report.stopped === 'interrupted')
    usage(
      `the audit was interrupted after ${report.requests} requests${report.left.length > 0 || call.has('keep') ? '' : ', and what it stored is deleted'}.${reportFile === undefined ? '' : ' --report was not written.'}`,
    )
  const of = {
    ...{ url: target.url, bucket: setting.bucket, region, hasToken: credentials.sessionToken !== undefined },
    suite: [...new Set(files.map(({ version }) => version))].join(', '),
  }
  if (call.has('json')) printJson(call, auditJson(report, of))
  else call.print((call.has('markdown') ? auditMarkdown : auditText)(report, of, call))
  if (reportFile !== undefined) {
    const command = commandOf(call, target, region)
    const text = privateReport(report, { ...of, command, date: setting.now, tools: ownVersion(call.terminal) })
    await writeReportFile(reportFile, hideSecrets(text, [credentials.secretAccessKey]))
    call.note(`The report is private, for the maintainers of the server: ${reportFile}\n`)
  }
  return hasFindings(report, call.has('strict')) ? 1 : 0
}

/** Throws, before anything is sent, if the report could not be written at the end. */
async function checkReport(call: Call, file: string): Promise<void> {
  for (const name of ['list', 'show', 'dry-run'] as const)
    if (call.has(name)) usage(`--report and --${name} cannot be combined: only an audit has a report.`)
  await checkReportFile(file)
}

/** Returns the command that audits the same server again. */
function commandOf(call: Call, { url, bucket, path, prefix, service }: Target, region: string): string {
  return [
    ...['npx sigv4-tools audit', url],
    ...(service === 's3' ? ['--bucket', bucket] : ['--service', service, '--path', path || '/']),
    ...(call.has('virtual-host') ? ['--virtual-host'] : []),
    ...(prefix === '' ? [] : ['--prefix', quote(prefix)]),
    ...['--region', region],
    ...(call.has('suite') ? ['--suite', 'DIR'] : []),
  ].join(' ')
}

/** Reads the files of a folder. */
async function readSuite(call: Call, suite: Suite, folder: string): Promise<SuiteFile[]> {
  const names = await readdir(folder).catch((error) =>
    usage(`--suite: cannot read the folder${shown(folder)}: ${describeFileError(error)}.`),
  )
  const files: SuiteFile[] = []
  for (const name of names.filter((name) => name.endsWith('.json') && name !== 'schema.json').sort()) {
    const text = decodeText(await readInput(call, '--suite', join(folder, name)))
    try {
      files.push(suite.parseSuiteFile(text))
    } catch (error) {
      if (error instanceof suite.SuiteFileError)
        usage(`--suite: the file${shown(name)} is not in the format of the suite: ${error.message}.`)
      throw error
    }
  }
  return files
}

function serviceOption(call: Call): string {
  const service = call.value('service')
  const path = call.value('path')
  if (service === undefined && path !== undefined) usage('--path requires --service.')
  if (service === undefined) return 's3'
  if (service === 's3' || !/^[\w-]{1,64}$/.test(service))
    usage(`--service must be the signing name of a service other than s3${got(service)}. Omit it for S3.`)
  if (call.has('bucket')) usage('--service and --bucket cannot be combined.')
  return service
}

function select(call: Call, suite: Suite, all: readonly Case[]): Case[] {
  const patterns = (name: 'only' | 'skip'): string[] =>
    call
      .values(name)
      .flatMap((text) => text.split(','))
      .map((text) => text.trim())
  const [only, skip] = [patterns('only'), patterns('skip')]
  for (const [option, list] of [
    ['--only', only],
    ['--skip', skip],
  ] as const) {
    const [unknown] = suite.unknownPatterns(all, list)
    if (unknown !== undefined) usage(`${option} is not a class or ID of a test${got(unknown)}. --list prints them.`)
  }
  const selected = suite.selectCases(all, { only, skip })
  if (selected.length === 0) usage('--skip leaves no tests. Skip fewer.')
  return selected
}

interface Target {
  readonly url: string
  readonly host: string
  readonly address: AuditOptions['address']
  readonly bucket: string
  readonly path: string
  readonly prefix: string
  readonly service: string
}

function readTarget(call: Call, service: string): Target {
  const [text] = call.positionals
  if (text === undefined) usage("the URL is missing. Use 'npx sigv4-tools audit http://127.0.0.1:9000 --bucket test'.")
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return usage(`the URL must start with https:// or http://${got(text)}.`)
  if (url.username || url.password || url.pathname !== '/' || url.search || url.hash)
    usage('the URL must consist of a host and a port only. The bucket is --bucket NAME.')
  const isSecure = url.protocol === 'https:'
  const address = {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (isSecure ? 443 : 80)),
    isSecure,
  }
  const common = { url: url.origin, host: url.host, address, service }
  if (service !== 's3') {
    const path = call.value('path') ?? '/'
    if (!/^\/[\w.~/-]*$/.test(path) || /\/\.{0,2}(?:\/|$)/.test(path.slice(1)))
      usage('--path must start with a slash, and contain only letters, digits and -._~/.')
    return { ...common, bucket: '', path: path.replace(/\/$/, ''), prefix: '' }
  }
  const bucket = call.value('bucket')
  if (bucket === undefined) usage('--bucket is missing. Pass the name of a bucket, preferably an empty one.')
  if (!/^[A-Za-z\d][\w.-]{0,254}$/.test(bucket)) usage(`--bucket is not the name of a bucket${got(bucket)}.`)
  const prefix = call.value('prefix') ?? ''
  if (!/^(?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?$/.test(prefix))
    usage(`--prefix must be a folder of letters, digits and ._- such as tests/${got(prefix)}.`)
  return {
    ...common,
    bucket,
    path: call.has('virtual-host') ? '' : `/${bucket}`,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
  }
}

/** The suite has bytes as characters. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1')

function settingOf(target: Target, credentials: SecretCredentials, region: string, folder: string): Setting {
  const { host, bucket, path, prefix, service } = target
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return {
    ...{ host, bucket, path, region, service },
    prefix: prefix + folder,
    accessKeyId: bytes(accessKeyId),
    secretAccessKey: bytes(secretAccessKey),
    ...(sessionToken !== undefined && { sessionToken: bytes(sessionToken) }),
    now: new Date().toISOString(),
  }
}

function listed(cases: readonly Case[]) {
  return cases
    .filter(({ isSelected }) => isSelected)
    .map(({ test: { id, of, flags, result, comment, aws } }) => ({ id, of, flags, result, comment, aws }))
}

function show(call: Call, suite: Suite, all: readonly Case[], id: string): 0 {
  const found = all.find(({ test }) => test.id === id)
  if (!found) return usage(`--show is not the ID of a test${got(id)}. --list prints them.`)
  const example = suite.exampleOf(found)
  const { proof, provedBy, ...test } = found.test
  if (call.has('json')) printJson(call, { ...test, http: example.request, proof, provedBy, note: found.note })
  else call.print(describeCase(found, example, call))
  return 0
}

/** Prints requests as they would be sent now. */
function dryRun(call: Call, suite: Suite, cases: readonly Case[], setting: Setting): 0 {
  const requests = cases.map(({ test, group }) => ({
    ...{ id: test.id, of: test.of, result: test.result, flags: test.flags, comment: test.comment },
    request: suite.requestNow(test, setting),
    objects: group.objects.map(({ key, body }) => ({ key: suite.settingOf(test, setting).prefix + key, body })),
  }))
  if (call.has('json')) printJson(call, { requests })
  else
    for (const { id, result, comment, request } of requests)
      call.print(`# ${id}, ${result}: ${comment}\n${request.replaceAll('\r\n', '\n')}\n\n`)
  return 0
}

/** Returns a function that asks once, or throws if it cannot ask. */
function confirmation(call: Call, interrupted: Promise<void>): AuditOptions['confirm'] {
  let isConfirmed = call.has('yes')
  return async (reason) => {
    if (isConfirmed) return
    const risk = `${reason} The audit writes below sigv4-audit-… and deletes only what it stored.`
    if (!call.terminal.stdin.isTTY) usage(`${risk} Pass --yes to do so, or a different bucket.`)
    call.note(`${risk} Continue? [y/N] `)
    const input = call.terminal.stdin[Symbol.asyncIterator]()
    const line = await Promise.race([input.next(), interrupted])
    await input.return?.()
    if (!line || line.done || !/^y(?:es)?\s*$/i.test(Buffer.from(line.value).toString()))
      usage('the audit was not confirmed, and nothing was written.')
    isConfirmed = true
  }
}
