import { sign } from 'sigv4'
import { request } from 'undici'
import { ENDPOINT, note, optionsFor, query } from './setup.ts'

const url = `${ENDPOINT}/notes/1?${new URLSearchParams(query)}`
const headers = { 'content-type': 'application/json' }
const signed = await sign({ method: 'PUT', url, headers, body: JSON.stringify(note) }, optionsFor('execute-api'))

const { statusCode } = await request(signed.url, { ...signed, method: 'PUT' })
console.log(statusCode)
