import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { fromEnvironment } from 'sigv4/credentials'
import { toErrorResponse, verify } from 'sigv4/verify'
import { z } from 'zod'

// An MCP server that accepts signed requests only, as Amazon Bedrock AgentCore does.

const credentials = await fromEnvironment()()
const scope = { service: 'bedrock-agentcore', region: 'eu-west-1' }
const secretOf = (accessKeyId: string) => (accessKeyId === credentials.accessKeyId ? credentials : undefined)
const notes: string[] = []
const sessions = new Map<string, StreamableHTTPServerTransport>()

function createNotes(): McpServer {
  const mcp = new McpServer({ name: 'notes', version: '1.0.0' })
  mcp.registerTool('add_note', { inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: 'text', text: `${notes.push(text)}: ${text}` }],
  }))
  mcp.registerTool('delete_notes', {}, async ({ requestId }) => {
    // The response is a stream of events. One of them is the question, to which the client responds before the stream ends.
    const { action, content } = await mcp.server.elicitInput(
      {
        message: `Delete ${notes.length} notes?`,
        requestedSchema: { type: 'object', properties: { sure: { type: 'boolean' } } },
      },
      { relatedRequestId: requestId },
    )
    const isSure = action === 'accept' && content?.sure === true
    return { content: [{ type: 'text', text: isSure ? `deleted: ${notes.splice(0).join()}` : 'kept' }] }
  })
  return mcp
}

/** Returns the session of a request. The responses of a server at `/json` are JSON, all others are streams of events. */
async function sessionOf({ headers, url }: IncomingMessage): Promise<StreamableHTTPServerTransport> {
  const known = sessions.get(String(headers['mcp-session-id']))
  if (known) return known
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    enableJsonResponse: url === '/json',
  })
  // its optional members have types that exactOptionalPropertyTypes rejects
  await createNotes().connect(transport as Parameters<McpServer['connect']>[0])
  return transport
}

const server = createServer(async (request, response) => {
  try {
    const body = await buffer(request)
    const { accessKeyId } = await verify(request, { ...scope, credentials: secretOf, body })
    console.log(request.method, request.url, accessKeyId)
    const session = await sessionOf(request)
    await session.handleRequest(request, response, body.length > 0 ? JSON.parse(body.toString()) : undefined)
  } catch (error) {
    const { status, headers, body } = toErrorResponse(error, { format: 'json' })
    response.writeHead(status, headers).end(body)
  }
})
server.listen(Number(process.env.PORT ?? 8000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
