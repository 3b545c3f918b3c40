/**
 * The functions of `sigv4/sigv4a`, synchronous, with `node:crypto`.
 *
 * @module
 */

export {}
