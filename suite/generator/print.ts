import type { SuiteFile } from '../format/format.ts'

/** Formats a file as JSON: one line for each member of a test, so that differences are readable. */
export function printFile(file: SuiteFile): string {
  return `${JSON.stringify(file, undefined, 1)}\n`
}
