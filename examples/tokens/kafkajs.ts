import { Kafka } from 'kafkajs'
import { mskToken } from 'sigv4/tokens'
import { credentials } from './credentials.ts'

// kafkajs requests a new token each time that it authenticates.

const broker = 'b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com:9098'

export const kafka = new Kafka({
  brokers: [broker],
  ssl: true,
  sasl: {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: (await mskToken(broker, { credentials })).token }),
  },
})

console.log(await kafka.admin().listTopics())
