/** Whether `npm run test:all` runs the tests: with all engines and clients, and with many times the cases. */
export const isDeep = process.env.SIGV4_TESTS === 'all'

/** Returns a number of random cases: few of them, or many in `npm run test:all`. */
export const runs = (few: number, many: number): number => (isDeep ? many : few)

/** The random calls that are compared with another implementation in `npm run test:all`. */
export const MANY = 20_000
