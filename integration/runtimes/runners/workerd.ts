import { run } from 'conformance'
import { report } from './report.ts'

export default {
  async test(): Promise<void> {
    console.log(report(await run()))
  },
}
