/**
 * Signs and presigns requests with Signature Version 4a, which is valid in several regions.
 *
 * @module
 */

export {}
