import { isAudited } from './audited.ts'
import { roundTrip } from './roundtrip.ts'
import { versitygw } from './versitygw.ts'

const running = roundTrip(versitygw, 260)
isAudited(running, { effects: [], without: ['BadSignature', 'UnsignedAmzHeader', 'CopySourceSmuggling'] })
