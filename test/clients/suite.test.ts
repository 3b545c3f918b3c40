import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { Group, Test } from '../../tools/suite/format.ts'
import { TESTS } from '../suite/files.ts'
import { headerOf, splitRequest } from '../suite/requests.ts'
import { pythonWithBoto } from '../support/boto.ts'

// botocore signs the valid requests of the suite to the same signatures.

/** Parameters of a request as botocore takes them, and the signature that was sent. */
function caseOf({ http }: Test, { setting, profile }: Group) {
  const raw = splitRequest(http)
  const { accessKeyId, secretAccessKey, region, service } = setting
  const common = { accessKeyId, secretAccessKey, region, service, method: raw.method }
  if (profile === 's3-post') {
    const field = (name: string): string => new RegExp(`name="${name}"\r\n\r\n(.*?)\r\n`, 'is').exec(raw.body)![1]!
    const time = field('x-amz-date')
    const form = { ...common, kind: 'form', url: '', body: '', headers: [], names: [], time, policy: field('policy') }
    return [form, field('x-amz-signature')] as const
  }
  const { searchParams } = new URL(raw.target, 'http://host')
  const authorization = headerOf(raw, 'authorization')
  const isQuery = authorization === undefined
  const part = (name: string): string => RegExp(`${name}=([^,]*)`).exec(authorization ?? '')?.[1] ?? ''
  const names = isQuery ? searchParams.get('X-Amz-SignedHeaders')! : part('SignedHeaders')
  const date = headerOf(raw, 'date')
  const time =
    searchParams.get('X-Amz-Date') ??
    headerOf(raw, 'x-amz-date') ??
    new Date(date!).toISOString().replace(/[-:]|\.\d+/g, '')
  const request = {
    ...common,
    kind: `${service === 's3' ? 's3' : 'other'} ${isQuery ? 'query' : 'header'}`,
    url: `https://host${raw.target.replace(/&X-Amz-Signature=\w+/, '')}`,
    body: profile === 'events' ? '' : raw.body,
    headers: raw.headers.filter(([name]) => name.toLowerCase() !== 'authorization'),
    names: names.split(';'),
    time,
  }
  return [request, isQuery ? searchParams.get('X-Amz-Signature') : part('Signature')] as const
}

it('signs every valid request of the suite to the same signature', async () => {
  const valid = TESTS.filter(([{ result }, { profile }]) => result === 'valid' && profile !== 'sigv4a')
  const cases = valid.map(([test, group]) => caseOf(test, group))
  const input = JSON.stringify(cases.map(([request]) => request))
  const script = fileURLToPath(new URL('suite.py', import.meta.url))
  const { stdout, stderr } = spawnSync(await pythonWithBoto(), [script], { input, encoding: 'utf8' })
  expect(stdout, stderr).not.toBe('')
  const signatures = JSON.parse(stdout) as string[]
  expect(valid.length).toBeGreaterThan(100)
  const ofTests = (list: readonly unknown[]) => Object.fromEntries(valid.map(([{ id }], i) => [id, list[i]]))
  expect(ofTests(signatures)).toEqual(ofTests(cases.map(([, signature]) => signature)))
})
