import { join } from 'node:path'
import { presignGet } from '../../../../src/sync.ts'
import { printedCommands } from '../../../../tools/test/support/commands.ts'
import { serve } from '../../src/serve.ts'
import { KEYS, type Outcome, run, running, temporary } from './cli.ts'

// Runs the commands that the program and the documentation print.

const SERVERS = ['serve', 'proxy']
/** What no test has: a container, a pager, or files of an administrator. */
const UNAVAILABLE = /^--(?:tls-cert|token|credential-command|health|host|dir)$/
/** The server in examples of an audit. */
const AUDITED = 'http://127.0.0.1:9000'
const REQUEST_FILE = /^(?:(?:works|fails|received|a|b|session|error|request)\.(?:log|har|xml|http|txt))$/
const FILE = /^[\w-]+\.(?:jpg|pdf|txt|png)$/

/** Returns a URL that has been signed with the test's keys. */
function sampleUrl(): string {
  const credentials = { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY }
  return presignGet('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', { credentials }).url
}

/** Returns why a command is not run: it needs what only a shell or a machine has. */
export function needs(words: readonly string[]): string | undefined {
  if (words.some((word) => word.includes('$'))) return 'a variable'
  const option = words.find((word) => UNAVAILABLE.test(word))
  if (words[0] === 'debugger') return 'the built page'
  return words.includes('COMMAND') || words.length === 0 ? 'a name' : option
}

/**
 * Runs a printed command of `sigv4-tools` in this process, with a request for each placeholder and file, and with a log of curl
 * on standard input. A server is stopped once it listens.
 */
export async function runWords(words: readonly string[]): Promise<Outcome> {
  if (words[0] === 'audit' && words.includes(AUDITED)) return auditServer(words)
  const { folder, write, remove } = temporary()
  try {
    const url = sampleUrl()
    const log = `> GET ${url.slice(url.indexOf('/cat'))} HTTP/1.1\n> Host: photos.s3.eu-west-1.amazonaws.com\n>\n< HTTP/1.1 403 Forbidden\n<\n<Error><Code>SignatureDoesNotMatch</Code></Error>\n`
    const profile = ['NAME', 'dev'].map(
      (name) => `[${name}]\naws_access_key_id = ${KEYS.AWS_ACCESS_KEY_ID}\naws_secret_access_key = x\n`,
    )
    write('.aws/credentials', profile.join('\n'))
    // git adds the action to the command of a credential helper
    const args = [...words, ...(words.join(' ') === 'token codecommit' ? ['get'] : [])].map((word) => {
      if (/^https?:\/\/.*…/.test(word) || word === 'URL' || word === 'TOKEN') return url
      if (/^http:\/\/SERVICE$/.test(word)) return 'http://127.0.0.1:9'
      if (REQUEST_FILE.test(word) || /^[AB]$/.test(word)) return write(word, log)
      return FILE.test(word) || word === 'BODY' ? write(word, 'a file') : word
    })
    const isJson = args[args.indexOf('--credentials') + 1] === '-'
    const stdin = isJson ? JSON.stringify({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' }) : log
    const env = { ...KEYS, AWS_REGION: 'eu-west-1' }
    const setting = { env, home: folder, stdin: SERVERS.includes(args[0]!) ? '' : stdin }
    return SERVERS.includes(args[0]!) ? await (await running(args, setting)).stop() : await run(args, setting)
  } finally {
    remove()
  }
}

/** Runs an audit of a server that is started for it. */
async function auditServer(words: readonly string[]): Promise<Outcome> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = KEYS
  const server = await serve({ region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } })
  const { folder, remove } = temporary()
  try {
    const args = words.map((word, i) => {
      if (words[i - 1] === '--report') return join(folder, 'report')
      return word === AUDITED ? server.url : word
    })
    return await run([...args, '--rate', '10000'])
  } finally {
    remove()
    await server.close()
  }
}

/** Runs the only command in a printed line. */
export function runPrinted(line: string): Promise<Outcome> {
  const [words, ...others] = printedCommands(line)
  if (!words || others.length > 0) throw new Error(`Not one command: ${line}`)
  return runWords(words)
}
