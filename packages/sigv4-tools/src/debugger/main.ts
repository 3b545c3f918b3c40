import { analyze, type Question } from './analyze.ts'
import { startPage } from './page.ts'

// The page and its worker are the same file, so that one self-contained HTML file can hold both.

if (typeof document === 'undefined')
  addEventListener('message', ({ data }: MessageEvent<Question>) => postMessage(analyze(data)))
else startPage()
