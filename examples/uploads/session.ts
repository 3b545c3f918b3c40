// The user who is logged in. Replace it with the session of your framework; never trust a user name in the body of a request.
const sessions = new Map([['a-secret-session-id', 'eric']])

export function userOf(request: Request): string | undefined {
  const [, id = ''] = /(?:^|; )session=([^;]*)/.exec(request.headers.get('cookie') ?? '') ?? []
  return sessions.get(id)
}
