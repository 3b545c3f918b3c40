// Written by bundle.ts for each way to load the package: the suite with its entries.
declare module 'conformance' {
  export function run(): Promise<import('../harness.ts').SuiteResult>
}
