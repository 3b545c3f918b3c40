import { malformed, misused } from './support/misused.ts'
import { testRejected } from './support/rejected-calls.ts'

testRejected(misused, malformed)
