import { readFileSync } from 'node:fs'
import { EdgeVM } from '@edge-runtime/vm'

new EdgeVM().evaluate(readFileSync(process.argv[2], 'utf8'))
