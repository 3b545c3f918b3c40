/**
 * The functions of `sigv4/tokens`, synchronous.
 *
 * @module
 */

export {}
