import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { objectUrl, presignGet, type S3Object } from '../../../src/sync.ts'
import { CREDENTIALS } from '../../../test/support/credentials.ts'
import { ROOT } from '../../../test/support/packed.ts'

// Every target in docs/providers.md, with its URL and its region.

const page = readFileSync(join(ROOT, 'docs/providers.md'), 'utf8')
const TARGET = /^const \w+ = (\{[^}]*\})\n\/\/ (\S+), (\S+)$/gm
const targets = [...page.matchAll(TARGET)].map(([, target, url, region]) => ({
  target: new Function(`return ${target}`)() as S3Object,
  url: url!,
  region: region!,
}))
/** The rows of the table of services that require a region. */
const rows = page
  .split('\n')
  .map((line) => /^\| ([^|]+) \| `(https:\S+)` \| `(\S+)` \| ([^|]+) \| (.+) \|$/.exec(line)?.slice(1) as string[])
  .filter(Boolean) as [service: string, endpoint: string, region: string, bucket: string, source: string][]
const credentials = { ...CREDENTIALS }

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

describe('a service that requires a region', () => {
  it('is in the table, with its source', () => {
    expect(rows.map(([service]) => service.split(/[ (]/)[0])).toEqual(
      'Alibaba Exoscale Huawei IBM IDrive IONOS Linode NAVER Oracle Tencent Volcengine Vultr'.split(' '),
    )
    for (const [service, , , , source] of rows) expect(source, service).toMatch(/\]\(https:\/\/[\w.-]+\//)
  })

  it.each(rows)('%s is signed for its region, which its host does not identify', (_, endpoint, region, bucket) => {
    const object = { bucket: 'photos', key: 'cat.jpg', endpoint }
    expect(() => presignGet(object, { credentials })).toThrow(
      expect.objectContaining({ code: 'ERR_SIGV4_SCOPE_UNKNOWN' }),
    )
    const isInHost = /pathStyle: false/.test(bucket)
    const { host } = new URL(endpoint)
    const target = { ...object, region, ...(isInHost && { pathStyle: false }) }
    const expected = isInHost ? `https://photos.${host}/cat.jpg` : `https://${host}/photos/cat.jpg`
    expect(objectUrl(target)).toBe(expected)
    const presigned = new URL(presignGet(target, { credentials }).url)
    expect(presigned.origin + presigned.pathname).toBe(expected)
    expect(presigned.searchParams.get('X-Amz-Credential')).toMatch(RegExp(`/\\d{8}/${region}/s3/aws4_request$`))
  })
})
