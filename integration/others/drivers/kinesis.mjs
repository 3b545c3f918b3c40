import { EventEmitter } from 'node:events'
import https from 'node:https'
import { attempt, CREDENTIALS, print } from './requests.mjs'

https.request = ({ method, host, path, headers }) =>
  Object.assign(new EventEmitter(), {
    end(body) {
      print(method, `https://${host}${path}`, headers, body)
      this.emit('error', new Error('not sent'))
    },
  })
const { default: kinesis } = await import('kinesis')
const call = (action, data) =>
  new Promise((resolve, reject) =>
    kinesis.request(action, data, { region: 'eu-west-1', credentials: CREDENTIALS }, (error, response) =>
      error ? reject(error) : resolve(response),
    ),
  )
await attempt(() => call('ListStreams', {}))
await attempt(() => call('PutRecord', { StreamName: 'é', PartitionKey: '😀', Data: 'AA==' }))
