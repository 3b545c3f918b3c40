import { describe, expect, it } from 'vitest'
import { read } from '../../test/support/docs/markdown.ts'
import { endpointScopes } from '../../test/support/fixtures.ts'
import { differences, OTHER_NAMES, servicesByName, signingNameTable, sourceWith } from '../hosts.ts'

// The table of signing names is generated from the hosts of botocore.

const SOURCE = 'src/core/signing/hosts.ts'

describe('the table of signing names', () => {
  it('is current: npm run hosts', () => {
    const source = read(SOURCE)
    expect(source).toBe(sourceWith(signingNameTable()))
    expect(source).not.toBe(sourceWith('a b'))
  })

  it('changes with the hosts of botocore', () => {
    const scopes = endpointScopes()
    const more = new Map([
      ...scopes,
      ['films-runtime.eu-west-1.amazonaws.com', ['films eu-west-1']],
      ['api.cinema.eu-west-1.api.aws', ['films eu-west-1']],
      ['stage.cinema.eu-west-1.api.aws', ['films eu-west-1']],
      ['eu-west-1.actors.amazonaws.com', ['films eu-west-1']],
      ['api.films.eu-west-1.api.aws', ['films eu-west-1']],
    ])
    const [old, changed] = [scopes, more].map((each) => signingNameTable(each))
    expect(differences(old!, changed!)).toEqual(['+ films actors,cinema,films-runtime'])
    const mixed = new Map([...more, ['cinema.eu-west-1.api.aws', ['cinema eu-west-1']]])
    expect(signingNameTable(mixed).split('\n')).toContain('films actors,api.cinema,films-runtime,stage.cinema')
  })

  it('contains each end of a name once, and no default', () => {
    const ends = signingNameTable()
      .split('\n')
      .flatMap((row) => {
        const [service, ends, ...rest] = row.split(' ') as [string, string]
        expect(rest).toEqual([])
        return ends.split(',').map((end) => [end, service] as const)
      })
    expect(ends.length).toBeGreaterThan(80)
    expect(new Set(ends.map(([end]) => end)).size).toBe(ends.length)
    for (const [end, service] of ends) {
      expect(end).toMatch(/^\.?[a-z\d-]+(?:\.[a-z\d-]+)*$/)
      // needed where the last label alone belongs to another service
      if (end === service || end.endsWith(`.${service}`))
        expect(ends.map(([each]) => each)).toContain(end.replace(/^[^.]+\./, ''))
    }
  })

  it('has rows by hand only for names that are not in botocore', () => {
    const services = servicesByName()
    expect(services.size).toBeGreaterThan(400)
    for (const [end, , what] of OTHER_NAMES) {
      expect(services.has(end), end).toBe(false)
      expect(what.length, end).toBeGreaterThan(10)
    }
  })
})

it('differences are lines, without the version of botocore', () => {
  expect(differences('# botocore 1.44.8\na\nb\nc', '# botocore 1.45.0\na\nc')).toEqual(['- b'])
  expect(differences('# botocore 1.44.8\na\n', '# botocore 1.45.0\na\nb\n')).toEqual(['+ b'])
  expect(differences('# botocore 1.44.8\na\n', '# botocore 1.45.0\na\n')).toEqual([])
})
