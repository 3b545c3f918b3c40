import { readFileSync } from 'node:fs'
import { getQuickJS } from 'quickjs-emscripten'

// Runs a script in QuickJS, with only `print`.
const context = (await getQuickJS()).newContext()
const print = context.newFunction('print', (text) => console.log(context.getString(text)))
context.setProp(context.global, 'print', print)
print.dispose()
context.unwrapResult(context.evalCode(readFileSync(process.argv[2], 'utf8'))).dispose()
const jobs = context.runtime.executePendingJobs()
if (jobs.error) throw new Error(JSON.stringify(context.dump(jobs.error)))
