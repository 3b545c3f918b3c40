// SvelteKit: src/routes/uploads/+server.ts
import type { RequestHandler } from '@sveltejs/kit'
import { signUpload } from '../sign-upload.ts'

export const POST: RequestHandler = ({ request }) => signUpload(request)
