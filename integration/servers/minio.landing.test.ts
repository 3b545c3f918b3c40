import { isAudited } from './audited.ts'
import { minio } from './minio.ts'
import { roundTrip } from './roundtrip.ts'

const running = roundTrip(minio, 345)
// https://github.com/pgsty/silo/pull/173
const COPIES = ['put-copy-source', 'put-copy-source-encoded']
isAudited(running, {
  effects: ['header', 'presigned'].flatMap((place) => COPIES.map((name) => `${place}/${name}`)),
  without: ['BadSignature', 'MethodChanged', 'ChunkSignature'],
})
