import { run } from 'conformance'
import { report } from './report.ts'

declare function print(text: string): void

// Prints one line. In browsers, `print` opens a dialog.
const say = typeof document === 'undefined' && typeof print === 'function' ? print : console.log
run().then(
  (result) => say(report(result)),
  (error: unknown) => say(report({ crash: String((error as Error)?.stack ?? error) })),
)
