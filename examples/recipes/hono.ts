// Middleware that accepts only requests signed with Signature Version 4, in any runtime that Hono supports.
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { toErrorResponse, type VerifiedRequest, verify } from 'sigv4/verify'

const secrets = new Map([['AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY']])

const signed = createMiddleware<{ Variables: { signed: VerifiedRequest } }>(async (context, next) => {
  try {
    const options = { credentials: (id: string) => secrets.get(id), region: 'eu-west-1', service: 'orders' }
    context.set('signed', await verify(context.req.raw.clone(), options))
  } catch (error) {
    const { status, headers, body } = toErrorResponse(error, { format: 'json' })
    return new Response(body, { status, headers })
  }
  return next()
})

export const app = new Hono()

app.post('/orders', signed, async (context) => {
  const order = await context.req.json()
  return context.json({ from: context.get('signed').accessKeyId, order })
})
