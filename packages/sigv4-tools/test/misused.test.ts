import { testRejected } from '../../../test/support/rejected-calls.ts'
import { malformed, misused } from './support/misused.ts'

testRejected(misused, malformed)
