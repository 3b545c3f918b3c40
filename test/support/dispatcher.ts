/** Returns a dispatcher with a limited number of connections, of the class that Node's `fetch` uses. */
export async function limitedDispatcher(connections: number): Promise<object> {
  await fetch('data:,') // creates the global dispatcher
  const global = (globalThis as unknown as Record<symbol, object>)[Symbol.for('undici.globalDispatcher.1')]!
  const Agent = global.constructor as new (options: object) => object
  return new Agent({ connections })
}
