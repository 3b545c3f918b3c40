import { describe, expect, it } from 'vitest'
import { presign } from '../../src/sync.ts'
import { read } from '../support/docs/markdown.ts'

// Sentences of the documentation that are easily wrong, each with what shows that it is true.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const signedFor = (url: string): string | undefined =>
  /%2F([\w-]+)%2Faws4_request/.exec(presign('GET', url, { credentials }).url)?.[1]

describe('the service of an AWS host that no table contains', () => {
  it.each(['README.md', 'llms.txt', 'docs/options.md'])('is the label before its region, as %s states', (page) => {
    expect(read(page)).toMatch(/An AWS host that no table contains is signed for the label before its region/)
    expect(read(page)).not.toMatch(/never guess|no guess/i)
    expect(signedFor('https://foobar.eu-west-1.amazonaws.com/')).toBe('foobar')
    expect(signedFor('https://a.foobar.eu-west-1.amazonaws.com/')).toBe('foobar')
  })
})
