import type { Hashes } from '../format/fill.ts'
import type { SuiteFile } from '../format/format.ts'
import { NODE_HASHES } from '../format/hashes.ts'
import type { Rows } from './model/builder.ts'
import { CLASSES } from './model/classes.ts'
import { signP256 } from './model/p256.ts'
import { events } from './rows/events.ts'
import { s3Body } from './rows/s3-body.ts'
import { s3Chunks } from './rows/s3-chunks.ts'
import { s3Header } from './rows/s3-header.ts'
import { s3Post } from './rows/s3-post.ts'
import { s3Presigned } from './rows/s3-presigned.ts'
import { s3Session } from './rows/s3-session.ts'
import { s3Target } from './rows/s3-target.ts'
import { service } from './rows/service.ts'
import { sigv4a } from './rows/sigv4a.ts'

/** New cases are a minor version; a changed result is a major one. IDs are never reused. */
export const VERSION = '1.2.0'

/** A file of the suite, as rows. */
interface Topic {
  readonly topic: string
  readonly header: readonly string[]
  readonly rows: readonly Pick<Rows, 'build'>[]
}

const HASHES: Hashes = { ...NODE_HASHES, ecdsa: (setting, bytes) => signP256(setting, bytes) }

function topics(): Topic[] {
  return [
    { topic: 's3-header', header: ['S3: requests with an Authorization header.'], rows: s3Header() },
    { topic: 's3-presigned', header: ['S3: presigned URLs.'], rows: [s3Presigned()] },
    { topic: 's3-target', header: ['S3: methods, paths and queries.'], rows: s3Target() },
    { topic: 's3-body', header: ['S3: hashes and checksums of bodies.'], rows: [s3Body()] },
    {
      topic: 's3-chunks',
      header: ['S3: bodies in chunks, aws-chunked, and their trailing headers.'],
      rows: [s3Chunks()],
    },
    { topic: 's3-post', header: ['S3: forms with a signed policy.'], rows: [s3Post()] },
    { topic: 's3-session', header: ['S3: temporary credentials with a session token.'], rows: [s3Session()] },
    {
      topic: 'service',
      header: ['Services other than S3: the path is normalized and encoded twice, and the body is always hashed.'],
      rows: [service()],
    },
    // runners do not send the others: their signatures or bodies cannot be created from strings
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

/** Builds the file of a topic. */
function buildFile({ topic, header, rows }: Topic): SuiteFile {
  const testGroups = rows.map((group) => group.build(HASHES))
  const tests = testGroups.flatMap(({ tests }) => tests)
  const flags = Object.keys(CLASSES).filter((flag) => tests.some((test) => test.flags.includes(flag)))
  const notes = Object.fromEntries(flags.map((flag) => [flag, CLASSES[flag]!.note]))
  return {
    schema: 'sigv4-suite-1',
    version: VERSION,
    license: 'CC0-1.0 OR Apache-2.0',
    topic,
    header,
    numberOfTests: tests.length,
    notes,
    testGroups,
  }
}

/** Builds the files of the suite. */
export function buildSuite(): SuiteFile[] {
  return topics().map(buildFile)
}

/** Formats a file as JSON: one line for each member of a test, so that differences are readable. */
export function printFile(file: SuiteFile): string {
  return `${JSON.stringify(file, undefined, 1)}\n`
}
