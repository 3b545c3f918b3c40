import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createSignedFetch } from '../../src/fetch.ts'
import { verify } from '../../src/verify.ts'
import { limitedDispatcher } from '../support/dispatcher.ts'
import { CREDENTIALS } from '../support/fetch.ts'
import { usedMemory } from '../support/memory.ts'

// integration/evidence/requests.ts sends more, and compares the speed.

const CONNECTIONS = 16
const COUNT = 200

let server: Server
let [open, most, verified] = [0, 0, 0]

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    await verify(request, { credentials: () => CREDENTIALS, body })
    verified++
    response.end(body)
  })
  server.on('connection', (socket) => {
    most = Math.max(most, ++open)
    socket.on('close', () => open--)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it('200 requests at once use the connections of the dispatcher, one set of credentials, and no memory afterwards', async () => {
  const provider = vi.fn(async () => ({ ...CREDENTIALS, expiration: new Date(Date.now() + 3_600_000) }))
  const signedFetch = createSignedFetch({ credentials: provider, region: 'us-east-1', service: 'dynamodb' })
  const dispatcher = await limitedDispatcher(CONNECTIONS)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const sendAll = async () => {
    const bodies = Array.from({ length: COUNT }, async (_, i) => {
      const response = await signedFetch(url, { method: 'POST', body: String(i), dispatcher } as RequestInit)
      return response.text()
    })
    expect(await Promise.all(bodies)).toEqual(Array.from({ length: COUNT }, (_, i) => String(i)))
  }
  const growths: number[] = []
  await sendAll()
  for (let i = 0; i < 3; i++) {
    const before = usedMemory()
    for (let round = 0; round < 3; round++) await sendAll()
    growths.push((usedMemory() - before) / 1_048_576)
  }
  // what is created once can appear in any of them, and what is kept for each request appears in all
  expect(Math.min(...growths)).toBeLessThan(1)
  expect([verified, most]).toEqual([10 * COUNT, CONNECTIONS])
  expect(provider).toHaveBeenCalledTimes(1)
})
