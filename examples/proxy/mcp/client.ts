import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'

// An MCP client, which cannot sign. Its URL is that of the proxy.
const client = new Client({ name: 'client', version: '1.0.0' }, { capabilities: { elicitation: {} } })
client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
  console.log('asked', params.message)
  return { action: 'accept', content: { sure: true } }
})
await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_URL ?? 'http://127.0.0.1:8080/mcp')))

const { tools } = await client.listTools()
console.log('tools', tools.map(({ name }) => name).join(' '))
console.log('add', await textOf('add_note', { text: 'Grüße' }))
if (!process.env.NO_STREAM) console.log('delete', await textOf('delete_notes', {}))
await client.close()

async function textOf(name: string, given: Record<string, unknown>): Promise<string> {
  const { content } = await client.callTool({ name, arguments: given })
  return (content as { text: string }[]).map(({ text }) => text).join('\n')
}
