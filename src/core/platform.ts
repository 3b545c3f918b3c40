// Objects that not every place has, as the global types of whoever compiles this know them: those of the DOM, of Node, or
// none, and then the type is `never`.

/** An instance of a global class. */
type InstanceOf<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : never

export type WebRequest = InstanceOf<'Request'>

export type WebStream = InstanceOf<'ReadableStream'>

/** Bytes in memory of their own, for which TypeScript has a type since 5.7. */
export type Bytes = ReturnType<Uint8ArrayConstructor['of']>
