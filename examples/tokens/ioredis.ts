import { Redis } from 'ioredis'
import { cacheToken } from 'sigv4/tokens'
import { credentials } from './credentials.ts'

// The connection is kept for longer than 12 hours, and each reconnection has a token that is valid.

const user = 'jane'
const cache = { cache: 'my-cache', user, region: 'eu-west-1', serverless: true }
const createToken = async (): Promise<string> => (await cacheToken(cache, { credentials })).token

export const redis = new Redis({
  host: 'my-cache-abc123.serverless.euw1.cache.amazonaws.com',
  port: 6379,
  tls: {},
  username: user,
  password: await createToken(),
})

const HOUR = 3_600_000
setInterval(async () => redis.auth(user, await createToken()), 6 * HOUR).unref()
// a token is valid for 15 minutes
setInterval(async () => {
  redis.options.password = await createToken()
}, HOUR / 6).unref()

console.log(await redis.ping())
