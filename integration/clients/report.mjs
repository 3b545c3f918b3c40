// The steps of every client. Their results are printed to standard output as a line of JSON.

const { SERVE_ENDPOINT, SERVE_REGION, SERVE_ACCESS_KEY, SERVE_SECRET_KEY, SERVE_BUCKET } = process.env

export const place = {
  endpoint: SERVE_ENDPOINT,
  region: SERVE_REGION,
  accessKeyId: SERVE_ACCESS_KEY,
  secretAccessKey: SERVE_SECRET_KEY,
  bucket: SERVE_BUCKET,
}

/** A key with characters that clients encode differently. */
export const KEY = 'a folder/résumé (1) +&=~.txt'
export const BODY = 'sent and received data'

/** The results in order: `true`, or an error. */
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

/** Returns the status and code of a client's error. */
export async function rejection(run, read) {
  let response
  try {
    response = await run()
  } catch (error) {
    response = error
  }
  return read(response)
}
