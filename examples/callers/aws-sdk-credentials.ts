import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { presignPut } from 'sigv4'
import { file, target, type } from './setup.ts'

// Supports environment variables, profiles, SSO, and roles of containers and instances.
const credentials = fromNodeProviderChain()
const upload = await presignPut(target, { credentials, contentType: type })

const { status } = await fetch(upload.url, { ...upload, body: file })
console.log(status)
