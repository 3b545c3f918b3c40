import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { AwsClient } from '../../src/aws4fetch.ts'
import { verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../../test/support/credentials.ts'
import { ROOT } from '../../test/support/packed.ts'

// Libraries that import aws4fetch, with the override of packages/aws4fetch in package.json.

const HERE = import.meta.dirname
const CACHE = join(HERE, '.cache')
const KEYS = { ...CREDENTIALS }
const REGION = 'eu-west-1'

const { dependencies } = createRequire(join(HERE, 'package.json'))('./package.json')
const isMissing = !Object.keys(dependencies).every((name) =>
  existsSync(join(HERE, 'node_modules', name, 'package.json')),
)

// biome-ignore lint/suspicious/noExplicitAny: the packages may not be installed when this is type-checked
type Any = any

/** Bundles what a module exports, on the sources of this package, and imports it. */
async function load(exported: string): Promise<Any> {
  mkdirSync(CACHE, { recursive: true })
  const outfile = join(CACHE, `library-${Math.random()}.mjs`)
  const { metafile } = await build({
    stdin: { contents: exported, resolveDir: HERE },
    outfile,
    bundle: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    alias: { 'sigv4/aws4fetch': join(ROOT, 'src/aws4fetch.ts') },
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
  })
  const inputs = Object.keys(metafile.inputs).filter((path) => path.includes('aws4fetch'))
  expect(inputs).toContain('packages/aws4fetch/index.mjs')
  expect(inputs).toContain('src/aws4fetch/signer.ts')
  expect(inputs.filter((path) => path.includes('aws4fetch/dist'))).toEqual([])
  return import(/* @vite-ignore */ pathToFileURL(outfile).href)
}

/** What a library sent, with a valid signature. */
interface Received {
  request: string
  target: string | null
  scope: string
  body: Any
}

/** Returns a `fetch` that verifies each request and returns the responses one after the other, and what it received. */
function service(...responses: [status: number, body?: object][]) {
  const received: Received[] = []
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { method, url, headers, ...request } = await read(new Request(input, init))
    const { host, pathname, search } = new URL(url)
    const sent = { method, url: pathname + search, headers: { ...headers, host }, body: request.body }
    const { scope } = await verify(sent, {
      credentials: (id) => (id === KEYS.accessKeyId ? KEYS.secretAccessKey : undefined),
      allowUnsignedPayload: true,
    })
    const body = request.body && JSON.parse(request.body)
    received.push({
      request: `${method} ${url}`,
      target: headers['x-amz-target'] ?? null,
      scope: `${scope.region}/${scope.service}`,
      body,
    })
    const [status, content] = responses[received.length - 1]!
    return content ? Response.json(content, { status }) : new Response(null, { status })
  }
  return { fetch, received }
}

async function read(request: Request) {
  const { method, url, headers } = request
  return { method, url, headers: Object.fromEntries(headers), body: await request.text() }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
afterAll(() => rmSync(CACHE, { recursive: true, force: true }))

it.skipIf(isMissing && !process.env.CI)('the libraries are installed', () => {
  expect(isMissing, 'npm ci --ignore-scripts --prefix integration/dependents').toBe(false)
})

describe.skipIf(isMissing)('with the override', () => {
  it("unstorage's S3 driver stores objects", async () => {
    const { createStorage, s3 } = await load(
      `export { createStorage } from 'unstorage'; export { default as s3 } from 'unstorage/drivers/s3'`,
    )
    const server = await serve({ credentials: KEYS, region: REGION })
    try {
      const client = new AwsClient({ ...KEYS, service: 's3', region: REGION })
      expect((await client.fetch(`${server.url}/photos`, { method: 'PUT' })).status).toBe(200)
      const options = { ...KEYS, region: REGION, endpoint: server.url, bucket: 'photos' }
      const storage = createStorage({ driver: s3(options) })
      await storage.setItem('summer:cat photo', 'meow')
      await storage.setItemRaw('raw', new Uint8Array([1, 2, 3]))
      expect(await storage.getItem('summer:cat photo')).toBe('meow')
      expect(await storage.hasItem('nothing')).toBe(false)
      expect((await storage.getKeys()).sort()).toEqual(['raw', 'summer:cat photo'])
      await storage.removeItem('raw')
      expect(await storage.getItem('raw')).toBeNull()
      const impostor = createStorage({ driver: s3({ ...options, secretAccessKey: 'wrong' }) })
      await expect(impostor.getItem('raw')).rejects.toThrow('403')
    } finally {
      await server.close()
    }
  })

  it('@ai-sdk/amazon-bedrock invokes a model', async () => {
    const { createAmazonBedrock } = await load(`export { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'`)
    const { fetch, received } = service([
      200,
      {
        output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
        stopReason: 'end_turn',
        usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      },
    ])
    const model = createAmazonBedrock({ ...KEYS, region: REGION, fetch })('amazon.nova-lite-v1:0')
    const { content } = await model.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] })
    expect(content).toEqual([{ type: 'text', text: 'Hello' }])
    expect(received).toMatchObject([
      {
        request: `POST https://bedrock-runtime.${REGION}.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse`,
        scope: `${REGION}/bedrock`,
        body: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
      },
    ])
  })

  it('@opennextjs/aws caches in S3, and stores tags in DynamoDB and messages in SQS', async () => {
    const overrides = '@opennextjs/aws/overrides'
    const { cache, tags, queue } = await load(`
      export { default as cache } from '${overrides}/incrementalCache/s3-lite.js'
      export { default as tags } from '${overrides}/tagCache/dynamodb-lite.js'
      export { default as queue } from '${overrides}/queue/sqs-lite.js'`)
    const environment = {
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_SESSION_TOKEN: '',
      CACHE_BUCKET_REGION: REGION,
      CACHE_BUCKET_NAME: 'site',
      CACHE_DYNAMO_TABLE: 'tags',
      OPEN_NEXT_BUILD_ID: 'build',
      REVALIDATION_QUEUE_REGION: REGION,
      REVALIDATION_QUEUE_URL: `https://sqs.${REGION}.amazonaws.com/123456789012/revalidate.fifo`,
    }
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    const value = { type: 'page', html: '<p>é</p>' }
    const Items = [{ tag: { S: 'build/news' } }]
    const { fetch, received } = service([200], [200, value], [204], [404], [200, { Items }], [200, {}], [200, {}])
    vi.stubGlobal('internalFetch', fetch)
    vi.stubGlobal('openNextConfig', {})
    vi.stubGlobal('__openNextAls', { getStore: () => undefined })

    await cache.set('posts/1', value, 'cache')
    expect((await cache.get('posts/1', 'cache')).value).toEqual(value)
    await cache.delete('posts/1')
    await expect(cache.get('posts/1', 'cache')).rejects.toThrow('Not found')
    expect(await tags.getByPath('/posts')).toEqual(['news'])
    await tags.writeTags([{ path: '/posts', tag: 'news' }])
    await queue.send({ MessageBody: { url: '/posts' }, MessageDeduplicationId: '1', MessageGroupId: '2' })

    const object = `https://site.s3.${REGION}.amazonaws.com/build/posts/1.cache`
    expect(received.map(({ request, target, scope }) => [request, target, scope])).toEqual([
      ...['PUT', 'GET', 'DELETE', 'GET'].map((method) => [`${method} ${object}`, null, `${REGION}/s3`]),
      ...['Query', 'BatchWriteItem'].map((name) => [
        `POST https://dynamodb.${REGION}.amazonaws.com/`,
        `DynamoDB_20120810.${name}`,
        `${REGION}/dynamodb`,
      ]),
      [`POST https://sqs.${REGION}.amazonaws.com/`, 'AmazonSQS.SendMessage', `${REGION}/sqs`],
    ])
    expect(received[0]!.body).toEqual(value)
  })
})
