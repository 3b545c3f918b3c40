import { readFileSync } from 'node:fs'
import { type auth, Client } from 'cassandra-driver'
import { keyspacesResponse } from 'sigv4/tokens'
import { credentials } from './credentials.ts'

// Amazon Keyspaces sends a challenge for each connection.

const region = 'eu-west-1'

const authProvider: auth.AuthProvider = {
  newAuthenticator: () => ({
    initialResponse: (done) => done(null, Buffer.from('SigV4\0\0')),
    evaluateChallenge: (challenge, done) => {
      keyspacesResponse({ challenge, region }, { credentials }).then(
        ({ token }) => done(null, Buffer.from(token)),
        (error) => done(error),
      )
    },
    onAuthenticationSuccess: () => {},
  }),
}

const host = `cassandra.${region}.amazonaws.com`

export const client = new Client({
  contactPoints: [host],
  localDataCenter: region,
  protocolOptions: { port: 9142 },
  sslOptions: { ca: [readFileSync('sf-class2-root.crt')], host, rejectUnauthorized: true },
  authProvider,
})

await client.connect()
