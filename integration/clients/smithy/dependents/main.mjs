import { createRequire } from 'node:module'
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js'

// Runs libraries in whose tree @smithy/signature-v4 is replaced, and prints what they return.

const require = createRequire(import.meta.url)
const { bedrock, s3, credentials } = JSON.parse(process.argv[2])
const region = 'eu-west-1'

const anthropic = new AnthropicBedrock({
  awsAccessKey: credentials.accessKeyId,
  awsSecretKey: credentials.secretAccessKey,
  awsRegion: region,
  baseURL: bedrock,
  maxRetries: 0,
})
const messages = [{ role: 'user', content: 'Hello' }]
const message = await anthropic.messages.create({ model: 'anthropic.claude-v1:0', max_tokens: 10, messages })

const { token } = await generateAuthTokenFromCredentialsProvider({
  region,
  awsCredentialsProvider: async () => credentials,
})

const client = new S3Client({ region, endpoint: s3, forcePathStyle: true, maxAttempts: 1, credentials })
const object = { Bucket: 'photos', Key: 'cat.txt' }
await client.send(new PutObjectCommand({ ...object, Body: 'the file' }))
const { Body } = await client.send(new GetObjectCommand(object))

// it derives the signing key itself
const { url, fields } = await createPresignedPost(client, {
  Bucket: 'photos',
  Key: 'posted.txt',
  Conditions: [['content-length-range', 1, 100]],
  Fields: { 'Content-Type': 'text/plain' },
})
const form = new FormData()
for (const [name, value] of Object.entries(fields)) form.append(name, value)
form.append('file', new Blob(['the posted file']))
const { status: postStatus } = await fetch(url, { method: 'POST', body: form })
const posted = await client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'posted.txt' }))

// the signer for S3 Express, which is a subclass
const { SignatureV4MultiRegion } = createRequire(require.resolve('@aws-sdk/client-s3'))(
  '@aws-sdk/signature-v4-multi-region',
)
const express = new SignatureV4MultiRegion({ credentials, region, service: 's3express', uriEscapePath: false })
const request = { method: 'GET', protocol: 'https:', hostname: 'a', path: '/cat.txt', headers: { host: 'a' } }
const session = { accessKeyId: 'SESSION', secretAccessKey: 'session secret', sessionToken: 'session token' }
const signed = await express.signWithCredentials(request, session)

const sigv4aDependencies = [SignatureV4MultiRegion.sigv4aDependency()]

// its class extends SignatureV4Base, and it puts the class where the AWS SDK looks for it
const { SignatureV4a } = require('@smithy/signature-v4a')
sigv4aDependencies.push(SignatureV4MultiRegion.sigv4aDependency())
const { Hash } = createRequire(require.resolve('@smithy/signature-v4a'))('@smithy/core/serde')
const sha256 = Hash.bind(null, 'sha256')
const signerOptions = { credentials, region: '*', service: 's3', sha256, uriEscapePath: false }
const multiRegion = []
for (const signer of [new SignatureV4a(signerOptions), new SignatureV4MultiRegion({ ...signerOptions, region })]) {
  const headers = { host: 'mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com' }
  const signed = await signer.sign({ ...request, headers, body: 'a' }, { signingRegion: '*' })
  multiRegion.push(signed.headers)
}

const named = await import('@smithy/signature-v4')
console.log(
  JSON.stringify({
    replaced: require('@smithy/signature-v4/package.json').name,
    names: Object.keys(named).sort(),
    message: message.content[0].text,
    token,
    object: await Body.transformToString(),
    posted: [postStatus, await posted.Body.transformToString()],
    express: signed.headers,
    sigv4aDependencies,
    multiRegion,
  }),
)
