/**
 * The `Content-Security-Policy` of stored objects. It runs the scripts of a page in a separate origin. In the origin of the
 * server, they could read and change all objects, and the cookies of other servers on this host. Browsers apply it to
 * everything that they show as a document, whatever its type, and to nothing else.
 */
export const SANDBOX = 'sandbox allow-scripts'
