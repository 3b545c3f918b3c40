import { minio } from './minio.ts'
import { roundTrip } from './roundtrip.ts'

roundTrip(minio, 345)
