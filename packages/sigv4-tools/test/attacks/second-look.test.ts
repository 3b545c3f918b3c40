import { describe, expect, it } from 'vitest'
import { type VerifyOptions, verify, verifyPost } from '../../../../src/verify.ts'
import {
  accepted,
  asNode,
  attacks,
  type Forged,
  type Forging,
  forge,
  forgeForm,
  HOST,
  NOW,
  SHAPES,
  scopedKey,
  target,
} from '../../../../test/support/attacks/attacker.ts'
import { SIGNED, UNSIGNED } from '../../../../test/support/attacks/chunked.ts'
import { KEY_ID, SECRET } from '../../../../test/support/credentials.ts'
import { byHeader, byQuery, send } from '../../../../test/support/hand.ts'
import { hmacHex, sha256 } from '../../../../test/support/oracle.ts'
import { start } from '../support/serve/start.ts'

const attack = attacks()
const OPTIONS: VerifyOptions = { credentials: scopedKey, now: NOW }
const GOOD = 'pay 1 to erin'
const EVIL = 'pay 1000 to mallory'
const HASHES = ['x-amz-content-sha256', 'X-Amz-Content-Sha256', 'X-AMZ-CONTENT-SHA256']

/** A presigned URL that covers the body: its hash, or its chunks, is a signed parameter. */
function presigned(stated: string, service: string, more: Forging = {}): Forged {
  return forge({
    location: 'query',
    method: 'PUT',
    service,
    query: `X-Amz-Content-Sha256=${stated}`,
    payloadHash: stated,
    body: GOOD,
    headers: stated.startsWith('STREAMING') ? { 'x-amz-decoded-content-length': `${GOOD.length}` } : {},
    ...more,
  })
}

/** The same URL with another body and its hash in a header, which is not signed. */
function replaced({ headers, ...forged }: Forged, name: string, hash: string, body = EVIL): Forged {
  const others = headers.filter(([header]) => header !== 'content-length')
  return { ...forged, body, headers: [...others, [name, hash], ['content-length', `${body.length}`]] }
}

describe.each(['s3', 's3express', 'execute-api', 'sqs'])('the signed body of a presigned URL of %s', (service) => {
  const STATED = [sha256(GOOD), sha256(''), SIGNED, `${SIGNED}-TRAILER`, UNSIGNED]

  it('is not replaced by one whose hash is sent in an unsigned header', async () => {
    await accepted(presigned(sha256(GOOD), service), OPTIONS)
    await accepted(replaced(presigned(sha256(GOOD), service), HASHES[0]!, sha256(GOOD), GOOD), OPTIONS)
    for (const stated of STATED)
      for (const name of HASHES)
        for (const more of [{}, { allowUnsignedPayload: false }, { hideUnknownKeys: true }] as Partial<VerifyOptions>[])
          await attack.rejectedInAllShapes(
            replaced(presigned(stated, service), name, sha256(EVIL)),
            [stated, name, more],
            { ...OPTIONS, ...more },
          )
  })

  it('is not replaced while it is read', async () => {
    for (const stated of STATED)
      for (const shape of SHAPES) {
        const read = async () => {
          const request = { ...shape(replaced(presigned(stated, service), HASHES[0]!, sha256(EVIL))), body: undefined }
          const { verifyBody } = await verify(request, { ...OPTIONS, payload: 'deferred' })
          for await (const _ of verifyBody([Buffer.from(EVIL)]));
        }
        await attack.rejected(read(), [stated, shape.name])
      }
  })

  it('is not replaced in a Request', async () => {
    for (const stated of STATED) {
      const { method, headers, body, ...forged } = replaced(presigned(stated, service), HASHES[0]!, sha256(EVIL))
      const request = new Request(`https://${HOST}${target(forged)}`, {
        method,
        headers: headers.filter(([name]) => name !== 'host'),
        body: body as string,
      })
      await attack.rejected(verify(request, OPTIONS), stated)
    }
  })

  it('is not the one of a second parameter or of another header', async () => {
    for (const stated of STATED) {
      const forged = presigned(stated, service)
      for (const name of ['X-Amz-Content-Sha256', 'x-amz-content-sha256', 'X%2DAmz-Content-Sha256'])
        await attack.rejectedInAllShapes(
          { ...replaced(forged, 'x-request-id', '1'), query: [...forged.query, `${name}=${sha256(EVIL)}`] },
          [stated, name],
          OPTIONS,
        )
      const twice = replaced(replaced(forged, HASHES[0]!, stated), HASHES[1]!, sha256(EVIL))
      await attack.rejectedInAllShapes(twice, [stated, 'twice'], OPTIONS)
    }
  })
})

describe('the body of a Request', () => {
  it('is read if options.body is null, whatever the request says about its length', async () => {
    for (const service of ['s3', 'execute-api'])
      for (const payload of ['required', 'deferred'] as const) {
        const forged = forge({ method: 'POST', service })
        const request = new Request(`https://${HOST}${target(forged)}`, {
          method: 'POST',
          headers: forged.headers.filter(([name]) => name !== 'host'),
          body: EVIL,
        })
        const options = { ...OPTIONS, payload, body: null as never }
        const read = async () => {
          const { payload, verifyBody } = await verify(request.clone(), options)
          if (payload === 'deferred') for await (const _ of verifyBody([Buffer.from(EVIL)]));
        }
        await attack.rejected(read(), [service, payload])
      }
  })
})

describe('a signing key that is wiped while a request is verified', () => {
  it.each(['ArrayBuffer', 'SharedArrayBuffer'] as const)('is not replaced by zeros, in an %s', async (buffer) => {
    for (const hideUnknownKeys of [false, true]) {
      const scope = { date: '20150830', region: 'us-east-1', service: 's3' }
      const key = new Uint8Array(new globalThis[buffer](32))
      key.set(scopedKey(KEY_ID, scope)!.key as Uint8Array)
      const found = {
        ...scope,
        key,
        get service() {
          queueMicrotask(() => key.fill(0)) // as soon as verify waits for anything
          return scope.service
        },
      }
      const options = { ...OPTIONS, credentials: () => Promise.resolve(found), hideUnknownKeys }
      await attack.rejected(verify(asNode(forge({ key: new Uint8Array(32) })), options), [buffer, hideUnknownKeys])
      expect(key).toEqual(new Uint8Array(32))
    }
  })
})

describe('a token that is appended to a URL whose signed token header is empty', () => {
  it('is not returned as a signed one', async () => {
    const options: VerifyOptions = { ...OPTIONS, credentials: () => SECRET, sessionTokenPlacement: 'appended' }
    const service = 'iotdevicegateway'
    const forged = forge({ location: 'query', service, headers: { 'x-amz-security-token': '' } })
    const headers = forged.headers.filter(([name]) => name !== 'x-amz-security-token')
    const sent = { ...forged, headers, query: [...forged.query, 'X-Amz-Security-Token=an%20administrator'] }
    for (const shape of SHAPES) {
      const result = await verify(shape(sent), options).catch(() => ({}))
      attack.counted()
      expect(result, shape.name).not.toHaveProperty('sessionToken')
    }
  })
})

describe('a presigned upload to serve', () => {
  it('stores only the body that was signed', async () => {
    const started = await start({ now: () => NOW })
    const host = `127.0.0.1:${started.server.port}`
    try {
      for (const body of [GOOD, EVIL]) {
        const query = { 'X-Amz-Content-Sha256': sha256(GOOD) }
        const unsigned = { 'x-amz-content-sha256': sha256(body) }
        const upload = { host, method: 'PUT', path: '/photos/a', query, payloadHash: sha256(GOOD), time: NOW }
        const { status } = await send(started.server.port, byQuery({ ...upload, body, unsigned }))
        attack.counted()
        expect(status).toBe(body === GOOD ? 200 : 400)
      }
      const { text } = await send(started.server.port, byHeader({ host, method: 'GET', path: '/photos/a', time: NOW }))
      expect(text).toBe(GOOD)
    } finally {
      await started.stop()
    }
  })
})

describe('a file without a name or a type', () => {
  it.each(['filename', 'type'])('that a form parser returns as null is not an untyped error: %s', async (detail) => {
    const { fields, policy, key } = forgeForm()
    const document = JSON.parse(Buffer.from(policy, 'base64').toString())
    document.conditions.push(['starts-with', '$content-type', 'image/'])
    const typed = Buffer.from(JSON.stringify(document)).toString('base64')
    const form = { ...fields, policy: typed, 'x-amz-signature': hmacHex(key, typed) }
    const options = { ...OPTIONS, bucket: 'photos', [detail]: null }
    const image = { ...form, 'content-type': 'image/png' }
    await expect(verifyPost(image, options)).resolves.toMatchObject({ accessKeyId: KEY_ID })
    await attack.rejected(verifyPost({ ...image, key: 'b' }, options), detail, /POLICY_VIOLATION/)
    await attack.rejected(verifyPost(form, options), detail, /POLICY_VIOLATION/)
  })
})

it('the attacks are complete', () => {
  expect(attack.count).toBeGreaterThanOrEqual(500)
})
