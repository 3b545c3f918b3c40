import { createSignedFetch } from 'sigv4/fetch'
import { Agent, fetch } from 'undici'
import { ENDPOINT, note, optionsFor, query } from './setup.ts'

const signedFetch = createSignedFetch({ ...optionsFor('execute-api'), fetch: fetch as never })

const url = `${ENDPOINT}/notes/1?${new URLSearchParams(query)}`
const headers = { 'content-type': 'application/json' }
const dispatcher = new Agent({ connections: 10 })
const init = { method: 'PUT', headers, body: JSON.stringify(note), dispatcher }
const { status } = await signedFetch(url, init as RequestInit)
console.log(status)
