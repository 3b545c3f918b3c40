import type * as streams from '../../../src/streams.ts'
import { equal, refused } from '../harness.ts'
import type { PlatformCase } from './platform.ts'
import type { Signer } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

/** A URL and two events of fixtures/event-streams/signed.json. */
const SEED =
  'wss://transcribestreaming.us-east-1.amazonaws.com:8443/stream-transcription-websocket?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Ftranscribe%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-Signature=42df7097f705ef21aef1b9c22bedd03840e92f27c130969f7b99f6117ceb0a7b&X-Amz-SignedHeaders=host&language-code=en-US&media-encoding=pcm&sample-rate=16000&session-id=769572c9-8004-4901-a188-fbc15b107bfe&x-amz-user-agent=aws-sdk-js%2F3.1140.0'
const EVENTS = [
  '000000c00000004363e22798053a64617465080000014f7e9b6f80103a6368756e6b2d7369676e6174757265060020c4dc39e7110956a7a50b4d9f2526ee8f07ee8083df4e714321bbfb231e8d394c0000006d000000586130b5530b3a6576656e742d7479706507000a417564696f4576656e740d3a6d6573736167652d747970650700056576656e740d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d68656c6c6f2ef4db5f29943c69',
  '0000005300000043f5447a58053a64617465080000014f7e9b6f80103a6368756e6b2d7369676e6174757265060020b12351367048f18f1e0c170dada14e341517719d1149ed70766b03f1fa6b4dde5b61ec99',
].map((digits) => Uint8Array.from(digits.match(/../g)!, (byte) => Number.parseInt(byte, 16)))

/** All types of headers. */
const MESSAGE: streams.EventMessage = {
  headers: {
    yes: { type: 'boolean', value: true },
    no: { type: 'boolean', value: false },
    byte: { type: 'byte', value: -128 },
    short: { type: 'short', value: -2 },
    integer: { type: 'integer', value: 2_147_483_647 },
    long: { type: 'long', value: -(2n ** 63n) },
    binary: { type: 'binary', value: Uint8Array.of(0, 255) },
    string: { type: 'string', value: '\ufeffä€😀' },
    timestamp: { type: 'timestamp', value: new Date(1_440_938_160_000) },
    uuid: { type: 'uuid', value: '01020304-0506-0708-090a-0b0c0d0e0f10' },
  },
  body: Uint8Array.of(1, 2, 3),
}

/** A message as JSON can express it. */
const plain = ({ headers, body }: streams.EventMessage): unknown => [
  Object.entries(headers).map(([name, { type, value }]) => [
    name,
    type,
    typeof value === 'bigint' ? String(value) : value,
  ]),
  [...body],
]

/** Encodes, signs and verifies event streams. */
export function eventCases(
  { decodeEvent, decodeEvents, encodeEvent, isSigV4Error, SigV4Error, signEvents, verifyEvents }: typeof streams,
  signer: Signer,
): PlatformCase[] {
  const contents = async (sent: Iterable<Uint8Array>, seed: streams.EventSeed): Promise<unknown[]> => {
    const found: unknown[] = []
    for await (const event of verifyEvents(sent, { seed, credentials })) found.push(plain(event))
    return found
  }
  return [
    [
      'an event is the same after encoding and decoding',
      ['TextEncoder'],
      async (output) => {
        const bytes = encodeEvent(MESSAGE)
        output('event', [...bytes])
        equal(plain(decodeEvent(bytes)), plain(MESSAGE))
        const found: unknown[] = []
        for await (const event of decodeEvents([bytes.slice(0, 20), bytes.slice(20), bytes])) found.push(plain(event))
        equal(found, [plain(MESSAGE), plain(MESSAGE)])
        bytes[30]! ^= 1
        await refused('ERR_SIGV4_PAYLOAD_MISMATCH', () => {
          try {
            decodeEvent(bytes)
          } catch (error) {
            equal([isSigV4Error(error), error instanceof SigV4Error], [true, true])
            throw error
          }
        })
      },
    ],
    [
      'the events of the AWS SDK are verified',
      ['subtle', 'TextEncoder'],
      async () => {
        equal((await contents(EVENTS, SEED)).length, 1)
        await refused('ERR_SIGV4_SIGNATURE_MISMATCH', () => contents([...EVENTS].reverse(), SEED))
        await refused('ERR_SIGV4_PAYLOAD_MISMATCH', () => contents(EVENTS.slice(0, 1), SEED))
      },
    ],
    [
      'signed events are verified',
      ['subtle', 'TextEncoder'],
      async () => {
        const seed = await signer.sign(
          { method: 'POST', url: 'https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription' },
          { credentials, payloadHash: 'STREAMING-AWS4-HMAC-SHA256-EVENTS' },
        )
        const events = signEvents(seed, { credentials })
        const sent = await Promise.all([events.next(MESSAGE), events.next(encodeEvent(MESSAGE)), events.end()])
        equal(await contents(sent, seed), [plain(MESSAGE), plain(MESSAGE)])
      },
    ],
  ]
}
