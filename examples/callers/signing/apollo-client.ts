import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { createSignedFetch } from 'sigv4/fetch'
import { ENDPOINT, optionsFor } from './setup.ts'

// AppSync accepts requests signed for "appsync" if its API has the authorization mode AWS_IAM.
const client = new ApolloClient({
  link: new HttpLink({ uri: `${ENDPOINT}/graphql`, fetch: createSignedFetch(optionsFor('appsync')) }),
  cache: new InMemoryCache(),
})

const { data } = await client.query<{ note: { text: string } }>({ query: gql`{ note(id: 1) { text } }` })
console.log(data?.note.text)
