import { shareable } from '../../../src/debugger/share.ts'
import { explain, inspect, parseEvidence } from '../../../src/explain.ts'
import { run } from '../cli.ts'
import { KEY_ID } from './leaks.ts'

// What is shown, returned, or shared of a string that someone pastes.

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=${KEY_ID}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`

/** The string in a link of the page. */
export function linkOf(text: string): string {
  const found = parseEvidence(text).items.filter(({ kind }) => kind === 'credentials')
  return shareable(
    text,
    found.map(({ lines }) => lines),
  )
}

/** A command whose body is the string, so that the evidence contains it. */
export function commandWith(text: string): string {
  const body = text.replaceAll("'", "'\\''")
  return `curl -v -X PUT 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg' -H 'Authorization: ${AUTHORIZATION}' -H 'X-Amz-Date: 20260131T120000Z' -d '${body}'`
}

/** The result of the functions of sigv4-tools/explain, as JSON. */
export function resultsOf(text: string): string {
  const evidence = parseEvidence(commandWith(text))
  return JSON.stringify([evidence, explain(evidence), evidence.request && inspect(evidence.request)])
}

/** The output of the command line. */
export async function outputsOf(text: string): Promise<string> {
  const stdin = commandWith(text)
  const all = [['explain'], ['explain', '--all'], ['explain', '--all', '--json'], ['inspect'], ['inspect', '--json']]
  const outputs = await Promise.all(all.map((args) => run(args, { stdin })))
  return outputs.map(({ stdout, stderr }) => stdout + stderr).join('\n')
}
