import { type LoggedRequest, type ProxyMode, proxy } from '../../packages/sigv4-tools/src/proxy.ts'
import type { Differences } from './differences.ts'
import { ServerUnavailable } from './install.ts'
import { isRequired } from './required.ts'
import type { RunningServer, ServerDefinition } from './server.ts'

const PLACEHOLDER = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder/+1' }

/** Starts a proxy in front of a server. Unless it only watches, its clients have a key that the server does not know. */
export async function throughProxy(
  server: RunningServer,
  mode: ProxyMode,
  log?: (request: LoggedRequest) => void,
): Promise<RunningServer> {
  const { region, endpoint, credentials } = server
  const { url, port, close } = await proxy({
    upstream: endpoint,
    mode,
    credentials,
    log,
    ...(mode !== 'watch' && { service: 's3', region }),
    ...(mode === 'resign' && { clientCredentials: PLACEHOLDER, allowPresigned: true }),
  })
  return {
    ...server,
    endpoint: url,
    virtualHostEndpoint: `http://localhost:${port}`,
    credentials: mode === 'watch' ? credentials : PLACEHOLDER,
    stop: close,
  }
}

/** A server that is reached through a proxy, with the differences from S3 that remain. */
export function withProxy(
  definition: ServerDefinition,
  mode: ProxyMode,
  differences: Differences,
  log?: (request: LoggedRequest) => void,
): ServerDefinition {
  const { issueSession, ...rest } = definition
  return {
    ...rest,
    name: `${definition.name}, ${mode}`,
    verifies: mode === 'watch' ? definition.verifies : { ...definition.verifies, form: false },
    ignoresClients: mode === 'sign',
    differences,
    ...(mode === 'watch' && issueSession && { issueSession }),
    async start(progress) {
      const server = await definition.start(progress).catch((error) => {
        if (error instanceof ServerUnavailable && isRequired(definition.name)) throw new Error(error.message)
        throw error
      })
      const proxied = await throughProxy(server, mode, log)
      return {
        ...proxied,
        async stop() {
          await proxied.stop()
          await server.stop()
        },
      }
    },
  }
}
