import { AnthropicAws } from '@anthropic-ai/aws-sdk'
import { attempt, CREDENTIALS, printingFetch } from './requests.mjs'

const client = new AnthropicAws({
  awsAccessKey: CREDENTIALS.accessKeyId,
  awsSecretAccessKey: CREDENTIALS.secretAccessKey,
  awsSessionToken: CREDENTIALS.sessionToken,
  awsRegion: 'us-west-2',
  workspaceId: 'workspace',
  fetch: printingFetch(),
  maxRetries: 0,
})
const messages = [{ role: 'user', content: 'Straße & naïve «😀»' }]
for (const stream of [false, true])
  await attempt(() => client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 10, messages, stream }))
await attempt(() => client.beta.messages.countTokens({ model: 'claude-sonnet-4-5', messages }))
await attempt(() => client.models.list({ limit: 5 }))
