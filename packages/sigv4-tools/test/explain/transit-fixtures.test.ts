import { describe, expect, it } from 'vitest'
import { compare } from '../../../../integration/recordings/transit/differs.ts'
import { ROWS } from '../../../../integration/recordings/transit/rows.ts'
import { sha256, signatureOf as signed, stringToSignOf } from '../../../../test/support/oracle.ts'
import { readText } from '../support/explain/recording-files.ts'
import {
  type Difference,
  type Pair,
  readTransit,
  receivedRequest,
  TRANSIT_SERVERS,
  type TransitCase,
  targetOf,
} from '../support/explain/transit.ts'

// The recordings are what they claim to be: signed correctly by the client, and changed in transit as listed.

const recordings = TRANSIT_SERVERS.map((server) => readTransit(server)!)

const valuesOf = (headers: readonly Pair[], name: string): string[] =>
  headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value.trim().replace(/ +/g, ' '))

interface Claim {
  signature: string
  scope: string
  amzDate: string
  signedHeaders: string[]
  isPresigned: boolean
}

function claimOf(target: string, headers: readonly Pair[]): Claim {
  const authorization = valuesOf(headers, 'authorization')[0]
  const [, credential, list, signature] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/.exec(authorization ?? '') ??
    []
  if (credential !== undefined) {
    const amzDate = valuesOf(headers, 'x-amz-date')[0]!
    const signedHeaders = list!.split(';')
    return { signature: signature!, scope: credential, amzDate, signedHeaders, isPresigned: false }
  }
  const query = new URLSearchParams(target.split('?')[1])
  return {
    signature: query.get('X-Amz-Signature')!,
    scope: query.get('X-Amz-Credential')!.replace(/^[^/]+\//, ''),
    amzDate: query.get('X-Amz-Date')!,
    signedHeaders: query.get('X-Amz-SignedHeaders')!.split(';'),
    isPresigned: true,
  }
}

/** The signature of a request, from its bytes and what the client claims. */
function signatureOf(
  { method, target, headers, body = '' }: { method: string; target: string; headers: readonly Pair[]; body?: string },
  { scope, amzDate, signedHeaders, isPresigned }: Claim,
  secret: string,
): string {
  const [path, query = ''] = target.split('?')
  const pairs = query.split('&').filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
  const sorted = pairs.map((pair) => (pair.includes('=') ? pair : `${pair}=`)).sort()
  const lines = signedHeaders.map((name) => `${name}:${valuesOf(headers, name).join(',')}\n`)
  const declared = valuesOf(headers, 'x-amz-content-sha256')[0]
  const hash = isPresigned ? 'UNSIGNED-PAYLOAD' : declared?.startsWith('STREAMING-') ? declared : sha256(body)
  const canonical = [method, path, sorted.join('&'), lines.join(''), signedHeaders.join(';'), hash].join('\n')
  return signed(secret, scope, stringToSignOf(canonical, amzDate, scope))
}

const sentRequest = ({ request }: TransitCase) => ({
  method: request.method,
  target: targetOf(request.url),
  headers: request.headers,
  body: request.body ?? '',
})

function isThere({ part, name, is }: Difference, recorded: TransitCase): boolean {
  const [sent, received] = [sentRequest(recorded), receivedRequest(recorded)]
  const [sentPath, sentQuery = ''] = sent.target.split('?')
  const [path, query = ''] = received.target.split('?')
  switch (part) {
    case 'method':
      return sent.method !== received.method
    case 'path':
      return sentPath !== path
    case 'query':
      return sentQuery !== query
    case 'body':
      return sent.body !== received.body
    case 'host':
      return valuesOf(sent.headers, 'host').join() !== valuesOf(received.headers, 'host').join()
    case 'header': {
      const [before, after] = [valuesOf(sent.headers, name!), valuesOf(received.headers, name!)]
      if (is === 'missing') return before.length > 0 && after.length === 0
      if (is === 'added') return before.length === 0 && after.length > 0
      return before.length > 0 && after.length > 0 && before.join() !== after.join()
    }
    default:
      return false
  }
}

describe('rows of proxies', () => {
  it('have a source each, and a third of them is set aside', () => {
    expect(ROWS).toHaveLength(84)
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length)
    expect(ROWS.filter(({ isSetAside }) => isSetAside)).toHaveLength(ROWS.length / 3)
    for (const { source } of ROWS) expect(source).toMatch(/^https:\/\/\S+$/)
  })

  it('all reach a server', () => {
    const reached = new Set(recordings.flatMap(({ cases, accepted }) => [...cases, ...accepted].map(({ row }) => row)))
    expect(ROWS.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([])
  })
})

describe.each(recordings)('requests changed in transit to $server', ({ server, cases, accepted, credentials }) => {
  it('are as many as were recorded, with unique ids', () => {
    const counts = { rejected: cases.length, accepted: accepted.length }
    expect(counts).toEqual(server === 'minio' ? { rejected: 129, accepted: 52 } : { rejected: 141, accepted: 41 })
    const ids = [...cases, ...accepted].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('are set aside with their row', () => {
    const aside = new Set(ROWS.filter(({ isSetAside }) => isSetAside).map(({ name }) => name))
    for (const { row, isSetAside = false } of cases) expect(isSetAside, row).toBe(aside.has(row))
    const share = cases.filter(({ isSetAside }) => isSetAside).length / cases.length
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.45)
  })

  it.each(cases)('$id: the client signed what it has', (recorded) => {
    const sent = sentRequest(recorded)
    const claim = claimOf(sent.target, sent.headers)
    expect(signatureOf(sent, claim, credentials.secretAccessKey)).toBe(claim.signature)
    expect(new URL(recorded.request.url).host).toBe(
      valuesOf(sent.headers, 'host')[0]!
        .toLowerCase()
        .replace(/:(?:80|443)$/, ''),
    )
    expect(Date.parse(claim.amzDate.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))).toBe(recorded.now)
  })

  it.each(cases)('$id: the server received what is listed', (recorded) => {
    for (const difference of recorded.differs) expect(isThere(difference, recorded), difference.part).toBe(true)
    const { differs, alsoDiffers } = compare(sentRequest(recorded), receivedRequest(recorded))
    expect(differs).toEqual(recorded.differs)
    expect(alsoDiffers).toEqual(recorded.alsoDiffers ?? [])
  })

  it('do not have the signature of what the server received', () => {
    const isAdded = ({ part, is }: Difference) => part === 'header' && is === 'added'
    for (const recorded of cases) {
      // an added header is not in the list of signed headers, and a body of a presigned URL is not signed
      if (recorded.differs.every((difference) => isAdded(difference))) continue
      const sent = sentRequest(recorded)
      const claim = claimOf(sent.target, sent.headers)
      const isClaimChanged = recorded.differs.some(({ name }) => name === 'authorization')
      const actual = signatureOf(receivedRequest(recorded), claim, credentials.secretAccessKey)
      expect(actual === claim.signature, recorded.id).toBe(isClaimChanged)
    }
  })

  it('are what the server shows, if it shows a canonical request', () => {
    let shown = 0
    for (const recorded of cases) {
      const canonical = /<CanonicalRequest>([^<]*)/.exec(recorded.response.body)?.[1]?.split('&#xA;')
      if (!canonical) continue
      shown++
      const { method, headers } = receivedRequest(recorded)
      expect(canonical[0], recorded.id).toBe(method)
      expect(canonical, recorded.id).toContain(`host:${valuesOf(headers, 'host')[0]}`)
    }
    expect(shown).toBe(server === 'minio' ? 0 : 118)
  })

  it('were rejected, and the others were not', () => {
    for (const { response } of cases) expect(response.status).toBeGreaterThanOrEqual(400)
    for (const { status } of accepted) expect(status).toBeLessThan(400)
  })

  it('show no place of the machine that recorded them', () => {
    expect(readText('transit', server)).not.toMatch(/\/(?:tmp|root|home|work|usr|Users)\//)
    const hosts = cases.map(({ request }) => new URL(request.url).hostname)
    for (const host of hosts) expect(host).toMatch(/^(?:127\.0\.0\.1|transit\.s3\.localhost|storage\.example\.net)$/)
  })
})
