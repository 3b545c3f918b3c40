import { roundTrip } from './roundtrip.ts'
import { swift } from './swift.ts'

roundTrip(swift, 175)
