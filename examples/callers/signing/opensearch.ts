import { Client, Connection } from '@opensearch-project/opensearch'
import { sign } from 'sigv4'
import { ENDPOINT, note, optionsFor } from './setup.ts'

const options = optionsFor('es') // or "aoss" for OpenSearch Serverless
class SignedConnection extends Connection {
  override request(...[params, callback]: Parameters<Connection['request']>) {
    const { path, headers } = this.buildRequestObject(params) as { path: string; headers: Record<string, string> }
    sign({ method: params.method!, url: `${this.url.origin}${path}`, headers, body: params.body }, options).then(
      (signed) => super.request({ ...params, headers: { ...params.headers, ...signed.headers } }, callback),
      (error) => callback(error, null as never),
    )
    return { abort() {} } as ReturnType<Connection['request']>
  }
}

const client = new Client({ node: ENDPOINT, Connection: SignedConnection })
const { statusCode } = await client.index({ index: 'notes', id: 'a b', body: note, refresh: true })
console.log(statusCode)
