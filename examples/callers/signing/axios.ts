import axios from 'axios'
import { createSignedFetch } from 'sigv4/fetch'
import { ENDPOINT, note, optionsFor, query } from './setup.ts'

const client = axios.create({ adapter: 'fetch', env: { fetch: createSignedFetch(optionsFor('execute-api')) } })

const { status } = await client.put(`${ENDPOINT}/notes/1`, note, { params: query })
console.log(status)
