import type { Group, Test } from '../format/format.ts'

/** Tests with a code that differs from S3's, and the reason. */
const KNOWN: Readonly<Record<string, string>> = {
  'target/two-hosts':
    'servers reject two Host headers before verify sees them; it joins them, and the signature differs',
}

/** Groups whose codes are not compared. */
const GROUPS: Readonly<Record<string, string>> = {
  service: 'verify responds as S3 does for every service',
  events: 'verifyEvents throws errors that are not responses',
}

/** Returns whether the code of a test may differ. */
export function isKnown(test: Test, group: Group): boolean {
  return test.id in KNOWN || group.id in GROUPS
}
