import { roundTrip } from './roundtrip.ts'
import { versitygw } from './versitygw.ts'

roundTrip(versitygw, 260)
