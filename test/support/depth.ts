// `npm run test:all` sets SIGV4_TESTS, so that the same tests take many more cases.

export const isDeep = process.env.SIGV4_TESTS === 'all'

/** Returns how many random cases a test takes. */
export const runs = (few: number, many: number): number => (isDeep ? many : few)
