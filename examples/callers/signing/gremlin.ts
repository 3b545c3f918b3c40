import gremlin from 'gremlin'
import { sign } from 'sigv4'
import { ENDPOINT, optionsFor } from './setup.ts'

// Neptune reads the signature of the handshake. Sign again for each connection: it is valid for five minutes.
const url = `${ENDPOINT.replace(/^http/, 'ws')}/gremlin`
const { headers } = await sign({ url }, optionsFor('neptune-db'))
const connection = new gremlin.driver.DriverRemoteConnection(url, { headers })

const g = gremlin.process.AnonymousTraversalSource.traversal().withRemote(connection)
console.log(await g.V().count().next())
await connection.close()
