import type { Hashes } from '../format/fill.ts'
import type { SuiteFile } from '../format/format.ts'
import type { Rows } from './model/builder.ts'
import { CLASSES } from './model/classes.ts'
import { s3Body } from './rows/s3-body.ts'
import { s3Chunks } from './rows/s3-chunks.ts'
import { s3Header } from './rows/s3-header.ts'
import { s3Post } from './rows/s3-post.ts'
import { s3Presigned } from './rows/s3-presigned.ts'
import { s3Session } from './rows/s3-session.ts'
import { s3Target } from './rows/s3-target.ts'
import { service } from './rows/service.ts'

/** New cases are a minor version; a changed result is a major one. IDs are never reused. */
export const VERSION = '1.2.0'

/** A file of the suite, as rows. */
export interface Topic {
  readonly topic: string
  readonly header: readonly string[]
  readonly rows: readonly Pick<Rows, 'build'>[]
}

/** The files whose requests can be sent to an S3-compatible server. */
export function s3Topics(): Topic[] {
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
  ]
}

/** The file for servers of other services. */
export function serviceTopic(): Topic {
  return {
    topic: 'service',
    header: ['Services other than S3: the path is normalized and encoded twice, and the body is always hashed.'],
    rows: [service()],
  }
}

/** Builds the file of a topic. */
export function buildFile({ topic, header, rows }: Topic, hashes: Hashes): SuiteFile {
  const testGroups = rows.map((group) => group.build(hashes))
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
