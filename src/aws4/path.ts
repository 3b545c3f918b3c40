import { hasDots } from '../core/http/path.ts'
import { encode } from './query.ts'

/** Returns the path as aws4 sends it: with any unusual character, the entire path is decoded and encoded again. */
export function wirePath(path: string): string {
  return /[^\w;,/?:@&=+$\-.!~*'()#%]/.test(path) ? encodeURI(decodeURI(path)) : path
}

/** Rules for the canonical form of a path. */
export interface PathRules {
  /** Whether `//` and dot segments are resolved. */
  readonly normalize: boolean
  /** Whether segments are decoded before they are encoded. */
  readonly decode: boolean
  /** Whether an encoded slash is a slash. */
  readonly slashes: boolean
}

/** Returns the canonical URI of a path as sent. */
export function canonicalPath(path: string, { normalize, decode, slashes }: PathRules): string {
  if (path === '/') return path
  let uri = path
  if (path[0] !== '/' || !/^(?:[\w.~/-]|%2[\dA-CF])*$/.test(path) || (normalize && changes(path))) {
    const segments: string[] = []
    for (const segment of (normalize ? path.replace(/\/{2,}/g, '/') : path).split('/')) {
      if (normalize && segment === '..') segments.pop()
      else if (!(normalize && segment === '.'))
        segments.push(encode(decode ? decodeURIComponent(segment.replace(/\+/g, ' ')) : segment))
    }
    uri = segments.join('/')
    if (uri[0] !== '/') uri = `/${uri}`
  }
  return slashes ? uri.replaceAll('%2F', '/') : uri
}

/** Returns whether normalizing, or encoding once more, changes an encoded path. */
function changes(path: string): boolean {
  return path.includes('%') || path.includes('//') || hasDots(path)
}
