import AnthropicBedrock from '@anthropic-ai/bedrock-sdk'
import { attempt, CREDENTIALS, printingFetch } from './requests.mjs'

const client = new AnthropicBedrock({
  awsAccessKey: CREDENTIALS.accessKeyId,
  awsSecretKey: CREDENTIALS.secretAccessKey,
  awsSessionToken: CREDENTIALS.sessionToken,
  awsRegion: 'us-west-2',
  fetch: printingFetch(),
  maxRetries: 0,
})
const messages = [{ role: 'user', content: 'Straße & naïve «😀»' }]
const MODELS = ['anthropic.claude-3-haiku-20240307-v1:0', 'us.anthropic.claude-opus-4-1-20250805-v1:0']
for (const model of MODELS)
  for (const stream of [false, true])
    await attempt(() => client.messages.create({ model, max_tokens: 10, messages, stream }))
