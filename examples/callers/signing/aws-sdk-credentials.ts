import { fromIni, fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { createSignedFetch } from 'sigv4/fetch'
import { AWS_REGION, ENDPOINT } from './setup.ts'

// Everything that the AWS SDK supports, a profile, and an assumed role.
const providers = [
  fromNodeProviderChain(),
  fromIni({ profile: 'dev' }),
  fromTemporaryCredentials({ params: { RoleArn: 'arn:aws:iam::123456789012:role/notes', RoleSessionName: 'notes' } }),
]
for (const credentials of providers) {
  const signedFetch = createSignedFetch({ credentials, region: AWS_REGION, service: 'execute-api' })
  const { status } = await signedFetch(`${ENDPOINT}/notes/1`)
  console.log(status)
}
