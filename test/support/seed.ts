import fc from 'fast-check'
import { SEED } from './random.ts'

// Before each test file that may have random cases: they are the same in every run.

fc.configureGlobal({ seed: SEED })
