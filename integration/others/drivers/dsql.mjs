import { DsqlSigner } from '@aws-sdk/dsql-signer'
import { CREDENTIALS, print } from './requests.mjs'

const options = { hostname: 'abc.dsql.eu-west-1.on.aws', region: 'eu-west-1', credentials: CREDENTIALS }
const signer = new DsqlSigner({ ...options, expiresIn: 600 })
print('token', await signer.getDbConnectAuthToken(), {})
print('token', await signer.getDbConnectAdminAuthToken(), {})
