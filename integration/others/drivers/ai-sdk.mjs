import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { attempt, CREDENTIALS, printingFetch } from './requests.mjs'

const bedrock = createAmazonBedrock({ ...CREDENTIALS, region: 'eu-west-1', fetch: printingFetch() })
const prompt = [{ role: 'user', content: [{ type: 'text', text: 'Straße & naïve «😀»' }] }]
const MODELS = [
  'amazon.nova-lite-v1:0',
  'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2',
]
for (const id of MODELS) {
  await attempt(() => bedrock(id).doGenerate({ prompt }))
  await attempt(() => bedrock(id).doStream({ prompt }))
}
await attempt(() => bedrock.embedding('amazon.titan-embed-text-v2:0').doEmbed({ values: ['é'] }))
await attempt(() => bedrock.image('amazon.nova-canvas-v1:0').doGenerate({ prompt: 'a cat', n: 1, providerOptions: {} }))
