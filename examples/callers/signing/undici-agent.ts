import { sign } from 'sigv4'
import { Agent, type Dispatcher, request } from 'undici'
import { ENDPOINT, note, optionsFor, query } from './setup.ts'

const options = optionsFor('execute-api')
const signing: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (given, handler) => {
  const { query, ...unsigned } = given
  const url = new URL(given.path, given.origin)
  if (query) url.search = String(new URLSearchParams(query))
  const [headers, body] = [given.headers as Record<string, string>, given.body as string]
  sign({ method: given.method, url, headers, body }, options)
    .then(({ headers }) => dispatch({ ...unsigned, path: url.pathname + url.search, headers }, handler))
    .catch((error) => handler.onResponseError?.(null as never, error))
  return true
}

const { statusCode } = await request(`${ENDPOINT}/notes/1`, {
  dispatcher: new Agent().compose(signing),
  method: 'PUT',
  query,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(note),
})
console.log(statusCode)
