import { count, mebibytes, milliseconds, text, times } from '../tables.ts'
import type { Regime } from './regime.ts'

const measured = [
  { key: 'relative', heading: 'Compared with aws-sigv4-proxy', format: times },
  { key: 'p50', heading: 'Median', format: milliseconds },
  { key: 'p99', heading: '99%', format: milliseconds },
  { key: 'cpu', heading: 'CPU time', format: milliseconds },
  { key: 'peak', heading: 'Peak memory', format: mebibytes },
]

export const proxying: Regime = {
  name: 'proxy',
  title: 'Proxying',
  about:
    '`sigv4 proxy` and aws-sigv4-proxy 1.11.1, which is written in Go, in front of a server that checks signatures. Both hash bodies for OpenSearch over http, and send those for S3 over https unsigned. The load, the server, and each proxy are processes of their own, which share the cores; aws-sigv4-proxy uses all of them (the default of `GOMAXPROCS`), `sigv4 proxy` one. “Node, unsigned” passes requests on with the HTTP modules of Node, and does nothing else. The proxies are loaded in turn, in shuffled order. CPU time is that of the proxy for one request; memory is the peak of its resident set, in a process that is new for each row. aws-sigv4-proxy keeps whole bodies in memory.',
  tables: [
    {
      id: 'proxy',
      title: 'Responses of 1 KiB',
      columns: [
        { key: 'name', heading: 'Proxy', format: text },
        { key: 'connections', heading: 'Connections', format: count },
        { key: 'perSecond', heading: 'Requests per second', format: count },
        ...measured,
      ],
    },
    {
      id: 'proxy-bodies',
      title: 'Bodies of 1 MiB, 16 at once, and of 100 MiB, 2 at once',
      columns: [
        { key: 'name', heading: 'Proxy', format: text },
        { key: 'body', heading: 'Body', format: text },
        { key: 'speed', heading: 'MB/s', format: count },
        ...measured,
      ],
    },
  ],
  programs: ({ seconds, freshRounds, isGate }) =>
    isGate
      ? []
      : [
          {
            doing: 'load of proxies',
            tables: ['proxy', 'proxy-bodies'],
            command: [process.execPath, '--import', 'tsx'],
            file: 'proxying.mjs',
            options: { seconds, rounds: 2 * freshRounds - 1, mebibytes: Math.ceil(100 * seconds) },
          },
        ],
}
