import { readFileSync } from 'node:fs'
import { gzipSync, strToU8 } from 'fflate'

// The tests of `sigv4-tools audit`, dist/suite.json.gz: the files in suite/ with tests that can be sent, in one compressed list.

const SUITE = new URL('../../suite/', import.meta.url)

/** The files, in the order in which their tests are listed and sent. */
const TOPICS = ['s3-header', 's3-presigned', 's3-target', 's3-body', 's3-chunks', 's3-post', 's3-session', 'service']

/** Packs the files, without the bytes of the requests: `fill` computes them from what is signed and sent. */
export function packSuite() {
  const files = TOPICS.map((topic) => JSON.parse(readFileSync(new URL(`${topic}.json`, SUITE), 'utf8')))
  const text = JSON.stringify(files, (name, value) => (name === 'http' ? undefined : value))
  // not with zlib, whose output depends on how Node was built
  return Buffer.from(gzipSync(strToU8(text), { level: 9, mtime: 0 }))
}
