// What every client does, in steps that are reported on standard output as one line of JSON.

const { SERVE_ENDPOINT, SERVE_REGION, SERVE_ACCESS_KEY, SERVE_SECRET_KEY, SERVE_BUCKET } = process.env

export const place = {
  endpoint: SERVE_ENDPOINT,
  region: SERVE_REGION,
  accessKeyId: SERVE_ACCESS_KEY,
  secretAccessKey: SERVE_SECRET_KEY,
  bucket: SERVE_BUCKET,
}

/** A key with all that clients encode differently. */
export const KEY = 'a folder/résumé (1) +&=~.txt'
export const BODY = 'what goes up comes down'

/** Steps in their order: `true`, or what went wrong. */
export async function report(steps) {
  const results = {}
  for (const [name, run] of Object.entries(steps)) {
    try {
      results[name] = (await run()) ?? true
    } catch (error) {
      results[name] = String(error?.stack ?? error).slice(0, 2000)
    }
  }
  console.log(JSON.stringify(results))
}

export function same(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`)
}

/** The status and code that an error of a client tells. */
export async function refusal(run, read) {
  let answer
  try {
    answer = await run()
  } catch (error) {
    answer = error
  }
  return read(answer)
}
