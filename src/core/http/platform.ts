// Optional globals, as the types of the compiling project define them: those of the DOM, of Node, or none, in which case
// the type is `never`.

/** An instance of a global class. */
type InstanceOf<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : never

/** The runtime's `fetch`, as the types of the compiling project define it. */
export type WebFetch = typeof globalThis extends { fetch: infer Fetch extends (...args: never) => unknown }
  ? Fetch
  : never

/** The runtime's `Request`. */
export type WebRequest = InstanceOf<'Request'>

/** The runtime's `Response`. */
export type WebResponse = InstanceOf<'Response'>

/** The runtime's `Headers`. */
export type WebHeaders = InstanceOf<'Headers'>

/** The runtime's `URL`. */
export type WebUrl = InstanceOf<'URL'>

/** The runtime's `ReadableStream`. */
export type WebStream = InstanceOf<'ReadableStream'>

/** The runtime's `WritableStream`. */
export type WritableWebStream = InstanceOf<'WritableStream'>

/** Bytes in unshared memory: `Uint8Array<ArrayBuffer>` since TypeScript 5.7. */
export type Bytes = ReturnType<Uint8ArrayConstructor['of']>
