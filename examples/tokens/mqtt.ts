import mqtt from 'mqtt'
import { webSocketUrl } from 'sigv4/tokens/sync'
import { credentials } from './credentials.ts'

// A new URL for each connection, because MQTT.js connects again when the network was lost.

const endpoint = 'wss://a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com/mqtt'

export const client = mqtt.connect(endpoint, {
  clientId: 'sensor-1',
  transformWsUrl: () => webSocketUrl(endpoint, { credentials }).url,
})

client.on('connect', () => client.publish('sensors/1', '21.5'))
