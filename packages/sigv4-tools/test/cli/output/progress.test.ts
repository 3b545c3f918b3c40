import { describe, expect, it } from 'vitest'
import { progressLine } from '../../../src/cli/output/proxy.ts'
import { statusLine } from '../../../src/cli/program/terminal.ts'
import type { Transfer } from '../../../src/proxy.ts'

// The progress of transfers that take long, in the last line of a terminal.

const GB = 1_000_000_000
const upload: Transfer = {
  method: 'PUT',
  path: '/bucket/key',
  milliseconds: 20_000,
  received: 1.7 * GB,
  requestLength: 5 * GB,
  sent: 0,
  responseLength: undefined,
}
const download: Transfer = {
  ...upload,
  method: 'GET',
  received: 0,
  requestLength: undefined,
  sent: GB,
  responseLength: 2 * GB,
}

describe('progress', () => {
  it('has the bytes, the share, the rate, and the path of one transfer', () => {
    expect(progressLine([upload])).toBe('↑ 1.7 GB of 5.0 GB  34 %  85.0 MB/s  /bucket/key')
    expect(progressLine([download])).toBe('↓ 1.0 GB of 2.0 GB  50 %  50.0 MB/s  /bucket/key')
    expect(progressLine([{ ...upload, requestLength: undefined }])).toBe('↑ 1.7 GB  85.0 MB/s  /bucket/key')
  })

  it('summarizes several transfers', () => {
    expect(progressLine([upload, download])).toBe('↑↓ 2.7 GB of 7.0 GB  38 %  135 MB/s  2 transfers')
    expect(progressLine([download, { ...download, responseLength: undefined }])).toBe('↓ 2.0 GB  100 MB/s  2 transfers')
  })

  it.each<[string, Partial<Transfer>]>([
    ['that started less than two seconds ago', { milliseconds: 1999 }],
    ['that was received, and waits for a response', { received: 5 * GB }],
    ['that has sent nothing yet', { received: 0 }],
    ['that waits for events', { received: 0, requestLength: 0, sent: 5000 }],
  ])('omits one %s', (_, change) => {
    expect(progressLine([{ ...upload, ...change }])).toBe('')
  })
})

describe('a status line', () => {
  const written: string[] = []
  const output = (columns: number | undefined, isTTY = true) => ({
    isTTY,
    columns,
    write: (text: string) => written.push(text),
  })

  it('fits the terminal, is erased before the next one, and contains no control character', () => {
    const status = statusLine(output(30), {})!
    status.show('x'.repeat(100))
    status.show('a\x1b[2Jb')
    status.show('')
    status.clear()
    expect(written.splice(0)).toEqual(['x'.repeat(29), '\r\x1b[K', 'a\\x1b[2Jb', '\r\x1b[K'])
    statusLine(output(undefined), {})!.show('x'.repeat(100))
    expect(written.splice(0)).toEqual(['x'.repeat(79)])
  })

  it('does not exist without a terminal', () => {
    expect(statusLine(output(80, false), {})).toBeUndefined()
    expect(statusLine(output(80), { TERM: 'dumb' })).toBeUndefined()
  })
})
