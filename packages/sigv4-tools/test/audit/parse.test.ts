import { describe, expect, it } from 'vitest'
import { NAMES, readText } from '../../../../suite/test/files.ts'
import { parseSuiteFile, SuiteFileError } from '../../src/audit/files.ts'

// The check of files that are not part of the package: those of the suite pass, and each that is broken is named.

const HEADER = readText('s3-header.json')

// biome-ignore lint/suspicious/noExplicitAny: any member of a file can be changed
type Loose = any

const testIn = (file: Loose): Loose => file.testGroups[0].tests.find(({ id }: Loose) => id === 'header/get')

/** Returns the error of the file of headers after a change. */
function errorAfter(change: (file: Loose) => unknown): string | undefined {
  const file = JSON.parse(HEADER)
  change(file)
  return errorOf(JSON.stringify(file))
}

function errorOf(text: string): string | undefined {
  try {
    parseSuiteFile(text)
    return undefined
  } catch (error) {
    if (!(error instanceof SuiteFileError)) throw error
    return error.message
  }
}

describe('A file of the suite', () => {
  it.each(NAMES)('%s is as it should be', (name) => {
    const text = readText(name)
    expect(parseSuiteFile(text)).toEqual(JSON.parse(text))
  })

  const MEMBERS = 'each test must have id, comment, signature, and http'
  const GROUP = 'each group must have a profile, a setting, objects, and tests'
  const HTTP = 'header/get: http must be the result of filling in send with the setting of the group'
  const SECRET = 'header/get: only the key of a step can contain the secret access key'
  it.each<[string, (file: Loose, test: Loose) => unknown, string]>([
    ['of another format', (file) => (file.schema = 'other'), 'schema must be sigv4-suite-1'],
    ['without a version', (file) => delete file.version, 'version and topic must be strings'],
    ['without notes', (file) => delete file.notes, 'notes must be an object'],
    ['with an incomplete note', (file) => delete file.notes.BadSignature.effect, 'notes.BadSignature must be a note'],
    [
      'with an unknown severity',
      (file) => (file.notes.BadSignature.severity = 'bad'),
      'notes.BadSignature must be a note',
    ],
    ['without groups', (file) => delete file.testGroups, 'testGroups must be a list'],
    ['with an incomplete setting', (file) => delete file.testGroups[0].setting.host, GROUP],
    ['with an object above the prefix', (file) => (file.testGroups[0].objects[0].key = 'a/../../b'), GROUP],
    ['with a test that is a number', (file) => (file.testGroups[0].tests[0] = 5), MEMBERS],
    ['without a comment', (_, test) => delete test.comment, MEMBERS],
    ['without a note', (_, test) => (test.flags = ['Unknown']), 'header/get: the first of its flags must have a note'],
    [
      'with an unknown result',
      (_, test) => (test.result = 'maybe'),
      'header/get: result must be valid, invalid, or acceptable',
    ],
    [
      'with an unknown sibling',
      (_, test) => (test.of = 'header/none'),
      'header/get: of must be the ID of an earlier test of the group',
    ],
    ['without steps', (_, test) => delete test.sign, 'header/get: sign must be a list of steps'],
    ['with other bytes to send', (_, test) => (test.send = 5), 'header/get: send must be a string'],
    ['with an incomplete change', (_, test) => (test.change = {}), 'header/get: change must have what and parts'],
    ['without a source', (_, test) => (test.aws = { status: 403 }), 'header/get: aws must have a source'],
    ['with a proof of nothing', (_, test) => (test.proof = {}), 'header/get: proof must have get'],
    ['whose bytes differ', (_, test) => (test.http += ' '), HTTP],
    ['with an unknown hole', (_, test) => (test.send += '{{none}}'), HTTP],
    ['with an unknown function', (_, test) => (test.send += '{{md5 host}}'), HTTP],
    ['that sends the secret', (_, test) => (test.send += '{{secretAccessKey}}'), SECRET],
    ['that hides the secret', (_, test) => test.sign.push({ name: 'a', text: '{{base64 secretAccessKey}}' }), SECRET],
  ])('%s is rejected', (_, change, message) => {
    expect(errorAfter((file) => change(file, testIn(file)))).toBe(message)
  })

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['no object', '[]', 'schema must be sigv4-suite-1'],
  ])('%s is rejected', (_, text, message) => {
    expect(errorOf(text)).toBe(message)
  })
})
