import type { Hashes } from '../format/fill.ts'
import type { SuiteFile } from '../format/format.ts'
import { NODE_HASHES } from '../format/hashes.ts'
import { signP256 } from './p256.ts'
import { events } from './rows/events.ts'
import { sigv4a } from './rows/sigv4a.ts'
import { buildFile, s3Topics, serviceTopic, type Topic } from './topics.ts'

const HASHES: Hashes = { ...NODE_HASHES, ecdsa: (setting, bytes) => signP256(setting, bytes) }

/** The files that runners do not send: their signatures or bodies cannot be created from text. */
function offlineTopics(): Topic[] {
  return [
    {
      topic: 'sigv4a',
      header: ['Signature Version 4a. The signatures are made with ECDSA, so runners use only http.'],
      rows: [sigv4a()],
    },
    {
      topic: 'events',
      header: ['Streams of signed events. They are binary, so runners use only http.'],
      rows: [events(HASHES)],
    },
  ]
}

/** Builds the files of the suite. */
export function buildSuite(): SuiteFile[] {
  return [...s3Topics(), serviceTopic(), ...offlineTopics()].map((topic) => buildFile(topic, HASHES))
}
