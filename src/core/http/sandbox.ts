/**
 * The `Content-Security-Policy` of stored objects. It runs the scripts of a page in an origin of its own: in that of the
 * server, which is allowed, they could read and change everything, and the cookies of other servers on this host. Browsers
 * apply it to what they show as a document, whatever type that has, and to nothing else.
 */
export const SANDBOX = 'sandbox allow-scripts'
