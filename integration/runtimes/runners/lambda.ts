import { run } from 'conformance'
import { report } from './report.ts'

/** An AWS Lambda function: bundled as CommonJS, loaded with require, called with an event. */
export async function handler(event: { path: string }): Promise<{ statusCode: number; body: string }> {
  return { statusCode: event.path === '/' ? 200 : 404, body: report(await run()) }
}
