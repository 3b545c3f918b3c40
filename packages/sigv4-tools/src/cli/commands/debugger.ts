import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLocalHost } from '../../../../../src/internal/services.ts'
import { parseCount } from '../input/values.ts'
import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'
import { rejectAddress } from '../program/errors.ts'
import { readOwnFile } from '../program/own.ts'

export const debuggerCommand: Command = {
  name: 'debugger',
  summary: 'Serve, on this machine only, a page that explains rejections',
  usage: ['debugger [options]'],
  notes: [
    "Prints the URL of the page, which does what 'npx sigv4-tools explain' does. It makes no requests after it has loaded, and stores nothing. Press Ctrl-C to stop.",
  ],
  examples: [
    ['use any free port', 'npx sigv4-tools debugger'],
    ['use the same URL each time', 'npx sigv4-tools debugger --port 9009'],
    ['save the page, which also works offline', 'curl http://localhost:9009/ > debugger.html'],
  ],
  options: ['port'],
  help: { port: 'Port (default: any free port)' },
  run,
}

async function run(call: Call): Promise<0> {
  checkCount(call, 0)
  const port = parseCount('--port', call.value('port') ?? '0', 65_535)
  const page = readOwnFile(call, 'debugger.html', 'the page').toString()
  const interrupted = call.terminal.interrupted()
  const server = createServer((request, response) => respond(request, response, page))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  }).catch((error: NodeJS.ErrnoException) => rejectAddress(error, port))
  const { port: actual } = server.address() as AddressInfo
  call.print(`The debugger is at http://127.0.0.1:${actual}/\nNothing leaves the page. Press Ctrl-C to stop.\n`)
  await interrupted
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  call.note('Stopped.\n')
  return 0
}

function respond({ method = '', url, headers }: IncomingMessage, response: ServerResponse, page: string): void {
  const isRead = method === 'GET' || method === 'HEAD'
  // a site can let its own name point here (DNS rebinding), but the request contains that name
  const isLocal = isLocalHost((headers.host ?? '').replace(/:\d+$/, ''))
  const status = !isLocal ? 403 : !isRead ? 405 : url !== '/' ? 404 : 200
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)!
  const body = status === 200 ? page : `${status}\n`
  response.writeHead(status, {
    'content-type': status === 200 ? 'text/html; charset=utf-8' : 'text/plain',
    'content-length': Buffer.byteLength(body),
    'content-security-policy': `${policy}; frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  })
  response.end(method === 'HEAD' ? undefined : body)
}
