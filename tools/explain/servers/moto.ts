import { join } from 'node:path'
import { installOnce, run, runInstaller, ServerUnavailable } from '../../../test/servers/install.ts'
import { launch } from '../../../test/servers/server.ts'
import type { Start } from '../recorder.ts'

// moto, of PyPI, with its authentication on: it compares signatures in headers, and looks at no time.

const VERSION = '5.2.5'
const POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

/** What is done before anything has to be signed: a user is made, who may do everything. */
const BEFORE: readonly Record<string, string>[] = [
  { Action: 'CreateUser' },
  { Action: 'PutUserPolicy', PolicyName: 'all', PolicyDocument: POLICY },
  { Action: 'CreateAccessKey' },
]

async function makeKey(endpoint: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  let document = ''
  for (const parameters of BEFORE) {
    const body = new URLSearchParams({ ...parameters, UserName: 'tester', Version: '2010-05-08' })
    // by which it knows the service
    const authorization =
      'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iam/aws4_request, SignedHeaders=, Signature='
    document = await (await fetch(endpoint, { method: 'POST', headers: { authorization }, body })).text()
  }
  const read = (name: string): string => {
    const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(document)?.[1]
    if (!value) throw new Error(`moto makes no key: ${document}`)
    return value
  }
  return { accessKeyId: read('AccessKeyId'), secretAccessKey: read('SecretAccessKey') }
}

export const moto: Start = async (progress) => {
  const { status } = await run('python3', ['-c', 'import venv, ensurepip'])
  if (status !== 0) throw new ServerUnavailable('needs Python 3 with venv: install python3 and python3-venv')
  const installed = await installOnce(`moto-${VERSION}`, async (folder) => {
    progress(`installing moto ${VERSION}, once`)
    await runInstaller('python3', ['-m', 'venv', folder])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `moto[server,s3,iam]==${VERSION}`]
    await runInstaller(join(folder, 'bin', 'python'), pip)
  })
  progress(`starting moto ${VERSION}`)
  const { version, port, stop } = await launch({
    name: 'moto',
    commands: (port) => [
      {
        file: join(installed, 'bin', 'python'),
        args: ['-m', 'moto.server', '--host', '127.0.0.1', '--port', String(port)],
        env: { INITIAL_NO_AUTH_ACTION_COUNT: String(BEFORE.length) },
      },
    ],
    readyPath: '/moto-api/',
    ready: async (response) => (response.ok ? VERSION : undefined),
  })
  const endpoint = `http://127.0.0.1:${port}`
  try {
    return {
      version,
      endpoint,
      virtualHostEndpoint: `http://s3.localhost:${port}`,
      region: 'us-east-1',
      credentials: await makeKey(endpoint),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
