import { Client } from '@opensearch-project/opensearch'

// The client of OpenSearch Dashboards. It does not sign: the proxy does.
const client = new Client({ node: process.env.ENDPOINT ?? 'http://127.0.0.1:8080', compression: 'gzip' })

const index = ['logs-*', '<logs-{now/d}>', '日誌']
const query = { query: { match: { text: 'Grüße' } } }
const found = await client.search({ index, body: query })
console.log('search', found.statusCode)
const both = await client.msearch({ body: [{ index }, query, {}, query] })
console.log('msearch', both.statusCode)
const note = await client.get({ index: 'logs-1', id: 'a/b c+d%' })
console.log('get', note.statusCode)
