import { GraphQLClient } from 'graphql-request'
import { createSignedFetch } from 'sigv4/fetch'
import { ENDPOINT, optionsFor } from './setup.ts'

const client = new GraphQLClient(`${ENDPOINT}/graphql`, { fetch: createSignedFetch(optionsFor('appsync')) })

const { note } = await client.request<{ note: { text: string } }>('{ note(id: 1) { text } }')
console.log(note.text)
