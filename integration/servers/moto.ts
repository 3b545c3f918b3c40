import { run } from './install.ts'
import { launch, onLoopback, type RunningServer } from './server.ts'

// Moto with its authentication on: it verifies signatures in headers.

const POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

/** The requests that need no signature. They create a user with all permissions. */
const BEFORE: readonly Record<string, string>[] = [
  { Action: 'CreateUser' },
  { Action: 'PutUserPolicy', PolicyName: 'all', PolicyDocument: POLICY },
  { Action: 'CreateAccessKey' },
]

/** Creates a user with all permissions, and a key, on a server that lets the first key do so. */
export async function createKey(
  endpoint: string,
  first: string,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  let document = ''
  for (const parameters of BEFORE) {
    const body = new URLSearchParams({ ...parameters, UserName: 'tester', Version: '2010-05-08' })
    // identifies the service
    const authorization = `AWS4-HMAC-SHA256 Credential=${first}/20260101/us-east-1/iam/aws4_request, SignedHeaders=, Signature=`
    document = await (await fetch(endpoint, { method: 'POST', headers: { authorization }, body })).text()
  }
  const read = (name: string): string => {
    const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(document)?.[1]
    if (!value) throw new Error(`No key was created: ${document}`)
    return value
  }
  return { accessKeyId: read('AccessKeyId'), secretAccessKey: read('SecretAccessKey') }
}

/** Starts the Moto of a Python interpreter. */
export async function startMoto(python: string): Promise<RunningServer> {
  const { output } = await run(python, ['-c', 'import moto; print(moto.__version__)'])
  const launched = await launch({
    name: 'moto',
    commands: (port) => [
      {
        file: python,
        args: ['-m', 'moto.server', '--host', '127.0.0.1', '--port', String(port)],
        env: { INITIAL_NO_AUTH_ACTION_COUNT: String(BEFORE.length) },
      },
    ],
    readyPath: '/moto-api/',
    ready: async (response) => (response.ok ? output.trim() : undefined),
  })
  try {
    return onLoopback(launched, await createKey(`http://127.0.0.1:${launched.port}`, 'any'))
  } catch (error) {
    await launched.stop()
    throw error
  }
}
