import assert from 'node:assert/strict'
import { fromS3Express } from '../../../src/credentials.ts'
import { presignDelete, presignGet, presignHead, presignPut, sign } from '../../../src/index.ts'
import * as sigv4a from '../../../src/sigv4a.ts'
import { text } from '../../servers/wire.ts'
import type { Lab } from '../lab.ts'
import { accessPointPlace, expressPlace, multiRegionPlace, type Place } from '../place.ts'
import { type Row, row, withOption } from '../row.ts'

type Presigning = Pick<typeof sigv4a, 'presignPut' | 'presignGet' | 'presignHead' | 'presignDelete'>

/** Stores, reads, and deletes an object in a place, with presigned URLs, and with an Authorization header. */
async function thereAndBack(
  lab: Lab,
  place: Place,
  { presignPut, presignGet, presignHead, presignDelete }: Presigning,
  credentials = lab.credentials,
) {
  lab.setting.use(place)
  const target = lab.object('résumé (1)+~*.txt', place)
  await lab.accepted({ ...(await presignPut(target, { credentials })), body: 'there and back' })
  const download = await presignGet(target, { credentials })
  assert.equal(text(await lab.accepted(download)), 'there and back')
  await lab.accepted(await presignHead(target, { credentials }))
  // a directory bucket lists only prefixes that end with a slash
  const query = `?list-type=2&prefix=${encodeURIComponent(lab.key(''))}`
  const { body: _, ...list } = await place.sign({ url: place.url(query) })
  assert.match(text(await lab.accepted(list)), /<KeyCount>1<\/KeyCount>/)
  await lab.accepted(await presignDelete(target, { credentials }))
  await lab.missing(download)
}

export const optionalRows: readonly Row[] = [
  row(
    'access point',
    (lab) => {
      const { accessPoint, region } = lab.setting.options
      const place = accessPointPlace(accessPoint!, region, lab.credentials)
      return thereAndBack(lab, place, { presignPut, presignGet, presignHead, presignDelete })
    },
    withOption('accessPoint', '--access-point'),
  ),

  row(
    'S3 Express: a session for a directory bucket',
    async (lab) => {
      const { express, region } = lab.setting.options
      const session = fromS3Express({ bucket: express!, region }, { credentials: lab.credentials })
      const credentials = await session()
      lab.requests++
      lab.setting.receive(credentials)
      const place = expressPlace(express!, region, session)
      await thereAndBack(lab, place, { presignPut, presignGet, presignHead, presignDelete }, credentials)
    },
    withOption('express', '--express'),
  ),

  row(
    'Signature Version 4a: a Multi-Region Access Point',
    (lab) => thereAndBack(lab, multiRegionPlace(lab.setting.options.multiRegion!, lab.credentials), sigv4a),
    withOption('multiRegion', '--multi-region-access-point'),
  ),

  row(
    'STS: GetCallerIdentity',
    async (lab) => {
      const { credentials, setting } = lab
      const url = `https://sts.${setting.options.region}.amazonaws.com/`
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
      const body = 'Action=GetCallerIdentity&Version=2011-06-15'
      const reply = await lab.accepted(await sign({ method: 'POST', url, headers, body }, { credentials }))
      assert.match(text(reply), /<GetCallerIdentityResult>/)
    },
    withOption('services', '--services'),
  ),

  row(
    'DynamoDB: ListTables',
    async (lab) => {
      const { credentials, setting } = lab
      const url = `https://dynamodb.${setting.options.region}.amazonaws.com/`
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' }
      const reply = await lab.accepted(
        await sign({ method: 'POST', url, headers, body: '{"Limit":1}' }, { credentials }),
      )
      assert(Array.isArray(JSON.parse(text(reply)).TableNames), 'the response lists no tables')
    },
    withOption('services', '--services'),
  ),
]
