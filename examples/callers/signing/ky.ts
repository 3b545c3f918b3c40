import ky from 'ky'
import { createSignedFetch } from 'sigv4/fetch'
import { ENDPOINT, note, optionsFor, query } from './setup.ts'

// The signed fetch retries, so ky does not.
const client = ky.create({ fetch: createSignedFetch(optionsFor('execute-api')), retry: 0 })

const { status } = await client.put(`${ENDPOINT}/notes/1`, { json: note, searchParams: query })
console.log(status)
