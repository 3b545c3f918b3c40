import { MongoClient } from 'mongodb'
import { credentials } from './credentials.ts'

// The driver signs the request to STS itself, with @smithy/signature-v4. It needs only the provider.

export const client = new MongoClient('mongodb+srv://cluster0.abc123.mongodb.net/?authMechanism=MONGODB-AWS', {
  authMechanismProperties: { AWS_CREDENTIAL_PROVIDER: async () => credentials },
})

console.log(await client.db('app').command({ ping: 1 }))
