import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { objectUrl, presignGet, type S3Object } from '../../src/sync.ts'
import { ROOT } from '../support/packed.ts'

// Every target in docs/providers.md, with its URL and its region.

const page = readFileSync(join(ROOT, 'docs/providers.md'), 'utf8')
const TARGET = /^const \w+ = (\{[^}]*\})\n\/\/ (\S+), (\S+)$/gm
const targets = [...page.matchAll(TARGET)].map(([, target, url, region]) => ({
  target: new Function(`return ${target}`)() as S3Object,
  url: url!,
  region: region!,
}))
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

describe('a provider', () => {
  it('has a target in every section', () => {
    const sections = page.split(/^## /m).slice(1)
    expect(sections.filter((section) => section.search(TARGET) < 0)).toEqual([])
    expect(targets).toHaveLength(page.split("bucket: 'photos'").length - 2) // one is in the introduction
  })

  it.each(targets)('$url is signed for $region', ({ target, url, region }) => {
    expect(objectUrl(target)).toBe(url)
    const presigned = new URL(presignGet(target, { credentials }).url)
    expect(presigned.origin + presigned.pathname).toBe(url)
    expect(presigned.searchParams.get('X-Amz-Credential')).toContain(`/${region}/s3/aws4_request`)
  })
})
