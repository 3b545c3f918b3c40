import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { presignPut } from 'sigv4'
import { file, target, type } from './setup.ts'

// Environment, profiles, SSO, roles of containers and instances: a provider of the AWS SDK is given as it is.
const credentials = fromNodeProviderChain()
const upload = await presignPut(target, { credentials, contentType: type })

const { status } = await fetch(upload.url, { ...upload, body: file })
console.log(status)
