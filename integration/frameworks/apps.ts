import type { RequestListener } from 'node:http'
import { type Handler, type Headers, runMiddleware } from './app.ts'
import { declared, example, honoRecipe } from './documented.ts'
import { tool } from './packages.ts'

// Applications with the code of the documentation. Each has middleware that runs before it.

/** Changes the code of the documentation. */
export type Change = (code: string) => string
const unchanged: Change = (code) => code

type Next = () => Promise<void>

/** Express with a router that verifies, mounted at a path, after other parsers if there are any. */
export async function expressApp(name: string, change = unchanged, parsers: string[] = []): Promise<RequestListener> {
  const express = tool(name)
  const router = await declared(change(example("from 'express'")), 'router', { express: { default: express } })
  router.use((_: unknown, response: { send(text: string): void }) => response.send('accepted'))
  const app = express()
  app.use(({ headers }: { headers: Headers }, _: unknown, next: () => void) => {
    runMiddleware(headers)
    next()
  })
  for (const parser of parsers) app.use(express[parser]())
  return app.use('/photos', router)
}

// biome-ignore lint/suspicious/noExplicitAny: as for `tool`
export async function fastifyApp(change = unchanged): Promise<any> {
  const withMiddleware = (options: object) => {
    const app = tool('fastify')(options)
    app.addHook('onRequest', async ({ raw }: { raw: { headers: Headers } }) => runMiddleware(raw.headers))
    return app
  }
  const app = await declared(change(example("from 'fastify'")), 'app', { fastify: { default: withMiddleware } })
  app.all('/*', async () => 'accepted')
  return app.ready()
}

export async function koaApp(change = unchanged, parsers: unknown[] = []): Promise<RequestListener> {
  class WithMiddleware extends tool('koa') {
    constructor() {
      super()
      this.use(({ req }: { req: { headers: Headers } }, next: Next) => {
        runMiddleware(req.headers)
        return next()
      })
      for (const parser of parsers) this.use(parser)
    }
  }
  const app = await declared(change(example("from 'koa'")), 'app', { koa: { default: WithMiddleware } })
  app.use((context: { body: string }) => {
    context.body = 'accepted'
  })
  return app.callback()
}

interface HonoContext {
  req: { raw: Request }
  text(text: string): Response
}

// biome-ignore lint/suspicious/noExplicitAny: as for `tool`
export async function honoApp(): Promise<any> {
  const imports = { hono: tool('hono'), 'hono/factory': tool('hono/factory') }
  const signed = await declared(honoRecipe(), 'signed', imports)
  const app = new imports.hono.Hono()
  app.use(async ({ req }: HonoContext, next: Next) => {
    const sent = Object.fromEntries(req.raw.headers)
    const headers = { ...sent }
    runMiddleware(headers)
    for (const [name, value] of Object.entries(headers)) if (value !== sent[name]) req.raw.headers.set(name, value)
    await next()
  })
  return app.all('/*', signed, (context: HonoContext) => context.text('accepted'))
}

/** A Lambda function with the handler of the documentation. */
export async function handlerApp(change = unchanged): Promise<Handler> {
  const handler = await declared(change(example('async function handler(event)')), 'handler')
  return (event: { headers?: Headers; multiValueHeaders?: Headers }, context) => {
    runMiddleware(event.multiValueHeaders ?? event.headers!)
    return handler(event, context)
  }
}
