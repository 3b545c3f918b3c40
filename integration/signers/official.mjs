import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

// Runs official signers for JavaScript with a fixed clock, and prints their results. Nothing is sent.

const { credentials, signingDate, cases } = JSON.parse(process.argv[2])
const now = Date.parse(signingDate)

const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length) super(...given)
    else super(now)
  }
  static now() {
    return now
  }
}

process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId
process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey
if (credentials.sessionToken) process.env.AWS_SESSION_TOKEN = credentials.sessionToken
else delete process.env.AWS_SESSION_TOKEN

const require = createRequire(import.meta.url)

const SIGNERS = {
  async rds(input) {
    const { Signer } = await import('@aws-sdk/rds-signer')
    return new Signer({ ...input, credentials }).getAuthToken()
  },
  async 'dsql-connect'(input) {
    const { DsqlSigner } = await import('@aws-sdk/dsql-signer')
    return new DsqlSigner({ ...input, credentials }).getDbConnectAuthToken()
  },
  async 'dsql-connect-admin'(input) {
    const { DsqlSigner } = await import('@aws-sdk/dsql-signer')
    return new DsqlSigner({ ...input, credentials }).getDbConnectAdminAuthToken()
  },
  async msk({ region }) {
    const { generateAuthTokenFromCredentialsProvider } = require('aws-msk-iam-sasl-signer-js')
    const { token } = await generateAuthTokenFromCredentialsProvider({
      region,
      awsCredentialsProvider: async () => credentials,
    })
    return token
  },
  async 'bedrock-api-key'({ region, expires }) {
    const { getToken } = require('@aws/bedrock-token-generator')
    return getToken({ region, credentials, expiresInSeconds: expires })
  },
  async 'gcp-wif-google-auth-library'({ region, audience }) {
    const { AwsClient } = require('google-auth-library')
    const supplier = {
      getAwsRegion: async () => region,
      getAwsSecurityCredentials: async () => ({ ...credentials, token: credentials.sessionToken }),
    }
    const client = new AwsClient({
      type: 'external_account',
      audience,
      subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
      aws_security_credentials_supplier: supplier,
    })
    return client.retrieveSubjectToken()
  },
  async snowflake({ region }) {
    process.env.AWS_REGION = region
    const main = require.resolve('snowflake-sdk')
    const file = new URL('./lib/authentication/auth_workload_identity/attestation_aws.js', pathToFileURL(main))
    const { default: attestation } = await import(file)
    return attestation.getAwsAttestationToken()
  },
  async 'iot-mqtt'({ host, region }) {
    const { prepareWebSocketUrl } = require('aws-iot-device-sdk/device')
    const { accessKeyId, secretAccessKey, sessionToken } = credentials
    return prepareWebSocketUrl({ host, region }, accessKeyId, secretAccessKey, sessionToken)
  },
  async 'appsync-connect'({ url, region }) {
    const { signRequest } = require('@aws-amplify/core/internals/aws-client-utils')
    const headers = {
      accept: 'application/json, text/javascript',
      'content-encoding': 'amz-1.0',
      'content-type': 'application/json; charset=UTF-8',
    }
    const request = { method: 'POST', url: new URL(url), headers, body: '{}' }
    const options = { credentials, signingRegion: region, signingService: 'appsync', signingDate: new Date() }
    const { headers: signed } = signRequest(request, options)
    return { ...signed }
  },
}

const results = []
for (const { id, input } of cases) results.push(await SIGNERS[id](input))
console.log(`RESULTS ${JSON.stringify(results)}`)
