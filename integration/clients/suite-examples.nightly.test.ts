import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sigv4a } from '../../src/sigv4a.ts'
import { verifyEvents } from '../../src/streams.ts'
import { verify, verifyPost } from '../../src/verify.ts'
import type { Group, Test } from '../../suite/format/format.ts'
import { FILES, FOLDER, GROUPS, NAMES, readText, TESTS } from '../../suite/test/files.ts'
import { failureOf, type Verifiers } from '../../test/suite/runs.ts'
import { run, runInstaller, ServerUnavailable } from '../servers/install.ts'
import { isRequired } from '../servers/required.ts'

// The programs of suite/examples have the verdicts of verify in this process: about a server that verifies like S3, and
// about one with three holes. The commands are those of suite/README.md.

type Verdict = (test: Test, group: Group) => Promise<boolean>

const VERIFIERS: Verifiers = { verify, verifyPost, verifyEvents, sigv4a }

const withoutHoles: Verdict = async (test, group) => (await failureOf(VERIFIERS, test, group)) === undefined

/** Ignores x-amz-copy-source if it is not signed, never reads a body, and has no clock. */
const withHoles: Verdict = async (test, group) => {
  const isSigned = /SignedHeaders=[^,& ]*x-amz-copy-source/.test(test.http)
  const http = isSigned ? test.http : test.http.replace(/\r\nx-amz-copy-source:[^\r]*/i, '')
  const [, date, time] = /x-amz-date[=:] ?(\d{8})T(\d{6})Z/i.exec(http) ?? []
  const now = date && time && new Date(`${date.replace(/(..)(..)$/, '-$1-$2')}T${time.replace(/(..)(..)$/, ':$1:$2')}Z`)
  const holes: Verifiers = {
    ...VERIFIERS,
    verify: ({ body: _, ...request }, options) =>
      verify(request, { ...options, payload: 'deferred', ...(now && { now }) }),
  }
  return (await failureOf(holes, { ...test, http }, group)) === undefined
}

/** The tests of all files. */
const ALL = 'all.json'

/** Returns what the programs print about the tests of a file. */
async function verdictsOf(name: string, isAccepted: Verdict): Promise<string> {
  let output = ''
  for (const [test, group] of TESTS) {
    if (name !== ALL && !FILES[NAMES.indexOf(name)]!.testGroups.includes(group)) continue
    const { id, comment, result, layer } = test
    if (result !== 'acceptable' && !layer && (await isAccepted(test, group)) !== (result === 'valid'))
      output += `${id} is ${result}: ${comment}\n`
  }
  return output
}

/** Starts a server that responds once it has received exactly the bytes of a test. */
async function start(isAccepted: Verdict): Promise<{ port: number; close: () => void }> {
  const known = new Map(TESTS.map(([test, group]) => [test.http, [test, group] as const]))
  const server = createServer((socket) => {
    let received = ''
    socket.on('error', () => {})
    socket.setEncoding('latin1').on('data', async (piece) => {
      received += piece
      const found = known.get(received)
      if (found) socket.end(`HTTP/1.1 ${(await isAccepted(...found)) ? 200 : 403} \r\nConnection: close\r\n\r\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

/** A row of the table of programs: the last command runs one. */
const ROWS = [...readText('README.md').matchAll(/^\| \[(\w+)\]\(examples\/\S+\)[^|]*\| (.*) \|$/gm)].map(
  ([, language, commands]) =>
    [language!, [...commands!.matchAll(/`([^`]+)`/g)].map(([, command]) => command!)] as const,
)

let folder: string
let servers: { isAccepted: Verdict; port: number; close: () => void }[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sigv4-suite-'))
  cpSync(fileURLToPath(FOLDER), folder, { recursive: true })
  writeFileSync(join(folder, ALL), JSON.stringify({ testGroups: GROUPS }))
  servers = await Promise.all(
    [withoutHoles, withHoles].map(async (isAccepted) => ({ isAccepted, ...(await start(isAccepted)) })),
  )
})

afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

it('has a program for each language', () => {
  const programs = readdirSync(new URL('examples/', FOLDER)).filter((name) => /^suite\./i.test(name))
  expect(ROWS).toHaveLength(programs.length)
})

it('only the server with holes has wrong verdicts, with those of each hole', async () => {
  expect(await verdictsOf(ALL, withoutHoles)).toBe('')
  const wrong = (await verdictsOf(ALL, withHoles)).match(/^\S+(?= is invalid)/gm)!
  const classes = TESTS.filter(([{ id }]) => wrong.includes(id)).flatMap(([{ flags }]) => flags)
  expect(classes).toEqual(expect.arrayContaining(['ClockSkew', 'CopySourceSmuggling', 'PayloadHash']))
})

describe.each(ROWS)('%s', (language, commands) => {
  const shell = (command: string) => run('sh', ['-c', `cd '${folder}/examples' && ${command}`])

  it('has the same verdicts', async ({ skip }) => {
    try {
      for (const [tool] of commands.map((command) => command.split(' ')))
        if ((await shell(`command -v ${tool}`)).status !== 0) throw new ServerUnavailable(`${tool} is missing`)
      const install = [...commands.slice(0, -1), ...(language === 'Rust' ? ['cargo fetch'] : [])]
      for (const command of install) await runInstaller('sh', ['-c', `cd '${folder}/examples' && ${command}`])
    } catch (error) {
      const isExpected = process.env.CI && /^(?:Go|Python)$/.test(language)
      if (!(error instanceof ServerUnavailable) || isExpected || isRequired(language.toLowerCase())) throw error
      console.log(`NOT RUN: the suite in ${language} (${error.message})`)
      return skip(error.message)
    }
    for (const name of ['s3-header.json', ALL])
      for (const { isAccepted, port } of servers) {
        const expected = await verdictsOf(name, isAccepted)
        const command = commands.at(-1)!.replace('9000', `${port}`).replace('s3-header.json', name)
        const { status, output } = await shell(command)
        // go run prints the exit status
        expect(output.replace(/^exit status 1\n$/m, ''), name).toBe(expected)
        expect(status, name).toBe(expected === '' ? 0 : 1)
      }
  }, 300_000)
})
