/** Passes the rows of a table, and the contestants that were left out and why, to the process that started this one. */
export function report(table, rows, leftOut = []) {
  console.log(`TABLE ${JSON.stringify({ table, rows, leftOut })}`)
}

/** The options of a program: `node program.mjs '{"rounds":5}'`. */
export const options = JSON.parse(process.argv[2] ?? '{}')

/** The first line of an error. */
export const reason = (error) =>
  String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 200)
