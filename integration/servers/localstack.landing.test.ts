import { localstack } from './localstack.ts'
import { roundTrip } from './roundtrip.ts'

roundTrip(localstack, 245)
