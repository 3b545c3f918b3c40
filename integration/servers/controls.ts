import { type Bench, bytes, object, scoped, using } from './bench.ts'
import type { ServerDefinition } from './server.ts'
import { resultOf, type Sendable, send } from './wire.ts'

const HOUR = 60 * 60 * 1000

/**
 * Confirms that a server verifies signatures before its results count: an unchanged request is accepted, and the same
 * request with a changed signature, a wrong secret or an old date is rejected.
 *
 * Uses a separate object, because a server that does not verify signatures runs the request.
 */
export async function provesSignatures(definition: ServerDefinition, bench: Bench): Promise<void> {
  if (definition.verifies.query) {
    const sign = async (change: object) => {
      const options = using(bench, { expires: 60, ...change })
      return { ...(await bench.sigv4.presignPut(object(bench, 'control'), options)), body: bytes('control') }
    }
    await prove(definition, 'presigned', bench, sign, (signed) => ({ ...signed, url: altered(signed.url) }))
  }
  if (definition.verifies.header) {
    const url = bench.sigv4.objectUrl(object(bench, 'control'))
    const sign = async (change: object) =>
      bench.sigv4.sign({ method: 'PUT', url, body: 'control' }, { ...scoped(bench), ...change })
    const alter = (signed: Sendable) => {
      const { authorization, ...headers } = signed.headers
      return { ...signed, headers: { ...headers, authorization: altered(authorization!) } }
    }
    await prove(definition, 'header', bench, sign, alter)
  }
}

async function prove(
  { name }: ServerDefinition,
  kind: string,
  bench: Bench,
  sign: (change: object) => Promise<Sendable>,
  alter: (signed: Sendable) => Sendable,
): Promise<void> {
  const good = await sign({})
  await expectStatus(200, `${name} rejects an unchanged ${kind} request`, good)

  const { credentials } = bench.server
  const wrongSecret = { credentials: { ...credentials, secretAccessKey: `${credentials.secretAccessKey}x` } }
  const broken: Record<string, Sendable> = {
    'an altered signature': alter(good),
    'a wrong secret': await sign(wrongSecret),
    'a stale date': await sign({ now: Date.now() - HOUR }),
  }
  for (const [what, request] of Object.entries(broken)) {
    const hint = 'does not verify (is S3_SKIP_SIGNATURE_VALIDATION=0?)'
    await expectStatus(403, `${name} ${hint}: a ${kind} request with ${what}`, request)
  }
}

async function expectStatus(status: number, message: string, request: Sendable): Promise<void> {
  const reply = await send(request)
  if (reply.status === status) return
  const result = resultOf(reply)
  throw new Error(`${message}: the response is ${result.status} ${result.code ?? ''} instead of ${status}`)
}

/** Changes the last digit of the signature in a string. */
function altered(text: string): string {
  return text.replace(/(Signature=[0-9a-f]{63})([0-9a-f])/, (_, start, digit) => start + (digit === '0' ? '1' : '0'))
}
