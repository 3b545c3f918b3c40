import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../../packages/sigv4-tools/src/serve/server.ts'
import { fencesOf, PAGES } from '../../test/support/docs/markdown.ts'
import { type Packed, pack } from '../../test/support/packed.ts'
import { fromNpm, MODULES, WITHIN } from './engines.ts'
import { runToEnd } from './process.ts'

// Every example that sends a request to S3 sends it, in Node, Bun, and Deno, with the packed package, to a server that
// verifies it. Only the endpoint is added to it.

const PRELUDE = `
const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY }
const file = new File(['%PDF-1.7'], 'file.pdf', { type: 'application/pdf' })
const endpoint = process.env.ENDPOINT
const responses = []
const send = globalThis.fetch
globalThis.fetch = async (url, init) => {
  if (url === '/upload-url') return new Response(JSON.stringify(upload))
  const response = await send(url, init)
  responses.push(init?.method ?? 'GET', response.status)
  return response
}
`

/** An example: its page, a part that no other example of the page has, and the rest of the program. */
interface Example {
  readonly page: string
  readonly part: string
  readonly rest?: string
  /** Methods and statuses of its requests. */
  readonly sent: readonly (string | number)[]
  /** The same in Deno, if the page says that Deno differs. */
  readonly inDeno?: readonly (string | number)[]
}

const plan = `const target = { bucket: 'films', key: 'film.mp4', region: 'eu-west-1', endpoint }
const film = new File([new Uint8Array(5 * 1024 * 1024), 'the last part'], 'film.mp4')
const parts = { credentials, size: film.size, partSize: 5 * 1024 * 1024 }
const { parseMultipartResponse, presignMultipartParts, presignMultipartUpload } = await import('sigv4')
const { create } = await presignMultipartUpload(target, parts)
const { uploadId } = parseMultipartResponse(await (await fetch(create.url, create)).text())
const presigned = await presignMultipartParts(target, { ...parts, uploadId })
`

const EXAMPLES: readonly Example[] = [
  { page: 'README.md', part: 'presignPut(', rest: '{\nSECOND\n}', sent: ['PUT', 200] },
  { page: 'llms.txt', part: 'presignPut(', sent: ['PUT', 200] },
  { page: 'llms.txt', part: 'toFormData(', sent: ['POST', 204] },
  { page: 'llms.txt', part: 'presignMultipartUpload(', sent: ['POST', 200] },
  { page: 'llms.txt', part: 'checksum: crc32c }', sent: ['PUT', 200] },
  { page: 'docs/fetch.md', part: 'localhost:9000', sent: ['PUT', 200] },
  { page: 'docs/streaming.md', part: "redirect: 'error' })", sent: ['PUT', 200] },
  { page: 'docs/presigning.md', part: "contentType: 'application/pdf' }", sent: ['PUT', 200] },
  { page: 'docs/presigning.md', part: 'checksumOf(', sent: ['PUT', 200] },
  {
    page: 'docs/multipart-uploads.md',
    part: "checksum: 'CRC32C'",
    sent: ['POST', 200, 'PUT', 200, 'POST', 200],
  },
  { page: 'docs/signing.md', part: 'file.stream()', sent: ['PUT', 200], inDeno: ['PUT', 403] },
  { page: 'docs/migrating/from-boto3.md', part: 'presignPut(', sent: ['PUT', 200] },
  { page: 'docs/migrating/from-bun.md', part: 'presignPut(', sent: ['PUT', 200] },
  {
    page: 'docs/post-forms.md',
    part: 'checkPost(post.fields, body)',
    rest: `const { presignPost } = await import('sigv4')
const photos = { bucket: 'photos', keyPrefix: 'a/', region: 'eu-west-1', endpoint }
await upload(await presignPost(photos, { credentials, contentLengthRange: [1, 100] }), file)`,
    sent: ['POST', 204],
  },
  {
    page: 'docs/multipart-uploads.md',
    part: 'async function upload(',
    rest: `${plan}await upload(film, presigned)`,
    sent: ['POST', 200, 'PUT', 200, 'PUT', 200, 'POST', 200],
  },
  {
    page: 'docs/multipart-uploads.md',
    part: 'function findParts(',
    rest: `${plan}const { missing } = await findParts(presigned)\nif (String(missing) !== '1,2') throw missing`,
    sent: ['POST', 200, 'GET', 200],
  },
]

/** Examples with requests that this server does not know: of other services and access points, through CloudFront, or in an application. */
const ELSEWHERE =
  /sqs\.|dynamodb\.|ACTIONS_ID_TOKEN|auth\.example|fetch\('\/|\.mrap|endpoint\.events|bedrock-runtime|\.eks\.|vault\.|s3ExpressSession|'x-amz-content-sha256': hex/

const isSending = (code: string): boolean =>
  /\b(?:await|return) (?:fetch|signedFetch|axios)\(/.test(code) && !ELSEWHERE.test(code)

function programOf({ page, part, rest = '' }: Example): string {
  const fences = fencesOf(page).filter(({ language }) => language === 'ts')
  const [found, ...others] = fences.filter(({ code }) => code.includes(part))
  if (!found || others.length) throw new Error(`${page} must contain one example with ${part}`)
  const second = fences.find(({ code }) => code.includes("fetch('/upload-url')"))?.code ?? ''
  const local = found.code
    .replaceAll("region: 'eu-west-1' }", "region: 'eu-west-1', endpoint }")
    .replace("'http://localhost:9000/", "endpoint + '/")
    .replace(/'https:\/\/(photos|films)\.s3\.eu-west-1\.amazonaws\.com\//, "endpoint + '/$1/")
    .replaceAll('{ credentials, decodedLength', "{ credentials, region: 'eu-west-1', service: 's3', decodedLength")
    .replaceAll('{ credentials, payloadHash', "{ credentials, region: 'eu-west-1', service: 's3', payloadHash")
  // imports can follow statements
  const program = `${PRELUDE}\n${local}\n${rest.replace('SECOND', second)}\nconsole.log('\\n' + JSON.stringify(responses))\n`
  return transformSync(program, { loader: 'ts', format: 'esm' }).code
}

const ENGINES: readonly (readonly [name: string, file: string, args: readonly string[]])[] = [
  ['node22', 'bin/node', []],
  ['@oven/bun-linux-x64', 'bin/bun', []],
  ['@deno/linux-x64-glibc', 'deno', ['run', '--allow-net', '--allow-env']],
]

let packed: Packed
let server: RunningServer
const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

beforeAll(async () => {
  packed = await pack()
  server = await serve({ credentials: key })
}, 120_000)
afterAll(async () => {
  await server?.close()
  packed?.remove()
})

it('every example that sends a request to S3 is here', () => {
  const sending = PAGES.filter((page) => !page.startsWith('docs/api/')).flatMap((page) =>
    // files of examples have their own tests
    fencesOf(page).flatMap(({ language, info, code, where }) =>
      language === 'ts' && !info.startsWith('examples/') && isSending(code) ? [{ page, code, where }] : [],
    ),
  )
  const missing = sending.filter(
    ({ page, code }) => !EXAMPLES.some((each) => each.page === page && code.includes(each.part)),
  )
  expect(missing.map(({ where }) => where)).toEqual([])
})

describe.each(ENGINES)('%s', (name, file, args) => {
  const { missing } = fromNpm(name)
  it.for(EXAMPLES.map((each) => [each.page, each.part, each] as const))('%s: %s', async ([, , example], { skip }) => {
    if (missing && !process.env.CI) skip(`NOT RUN: ${missing}`)
    const program = `example-${name.replace(/\W/g, '-')}-${EXAMPLES.indexOf(example)}.mjs`
    writeFileSync(join(packed.folder, program), programOf(example))
    const env = {
      ENDPOINT: server.url,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    }
    const command = { file: join(MODULES, name, file), args: [...args, program], cwd: packed.folder, env }
    const { status, output } = await runToEnd(command, WITHIN)
    expect([status, output.trim().split('\n').at(-1)], output).toEqual([
      0,
      JSON.stringify((name.includes('deno') && example.inDeno) || example.sent),
    ])
  })
})
