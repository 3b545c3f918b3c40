import { count, mebibytes, milliseconds, text, times } from '../tables.ts'
import type { Regime } from './regime.ts'

const CLIENTS = ['sigv4/fetch', 'aws4fetch', 'aws-sigv4-fetch', 'aws-sdk v3']
const name = { key: 'name', heading: 'Client', format: text }

export const fetching: Regime = {
  name: 'fetch',
  title: 'Sending signed requests',
  about:
    'Downloads of 1 KiB from a server on the same machine, which is a process of its own and checks signatures. All clients but the SDK, which uses `node:http` with 128 sockets, send with the `fetch` of Node, whose time is included. The first request contains the time to load the client; the memory is the peak after 1,000 more requests, 128 at once, in addition to the process before it.',
  tables: [
    {
      id: 'fetch',
      title: 'Requests per second',
      columns: [
        name,
        { key: 'connections', heading: 'At once', format: count },
        { key: 'perSecond', heading: 'Requests per second', format: count },
        { key: 'relative', heading: 'Time ÷ sigv4/fetch', format: times },
      ],
    },
    {
      id: 'fetch-fresh',
      title: 'The first request of a process',
      columns: [
        name,
        { key: 'ms', heading: 'First request', format: milliseconds },
        { key: 'added', heading: 'Additional peak memory', format: mebibytes },
      ],
    },
  ],
  programs: ({ rounds, freshRounds, isGate }) => {
    const file = 'fetching.mjs'
    const race = { doing: 'send', tables: ['fetch'], file, options: { rounds: Math.ceil(rounds / 2), count: 128 } }
    const fresh = CLIENTS.map((contestant) => ({
      doing: `send, new process, ${contestant}`,
      tables: ['fetch-fresh'],
      file,
      options: { contestant, count: 1000 },
    }))
    return isGate ? [] : [race, ...Array.from({ length: freshRounds }, () => fresh).flat()]
  },
}
