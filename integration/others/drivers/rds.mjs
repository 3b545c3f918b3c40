import { Signer } from '@aws-sdk/rds-signer'
import { CREDENTIALS, print } from './requests.mjs'

for (const [hostname, username] of [
  ['db.123456789012.eu-west-1.rds.amazonaws.com', 'app'],
  ['db.cluster-abc.us-gov-west-1.rds.amazonaws.com', 'a b+ü'],
]) {
  const signer = new Signer({ hostname, port: 5432, username, region: 'eu-west-1', credentials: CREDENTIALS })
  print('token', await signer.getAuthToken(), {})
}
