/**
 * Signed uploads in chunks, and event streams.
 *
 * @module
 */

export {}
