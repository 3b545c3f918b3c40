// Astro with a server adapter: src/pages/uploads.ts
import type { APIRoute } from 'astro'
import { signUpload } from '../sign-upload.ts'

export const prerender = false

export const POST: APIRoute = ({ request }) => signUpload(request)
