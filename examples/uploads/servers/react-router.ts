// React Router in framework mode: app/routes/uploads.ts, with route('uploads', 'routes/uploads.ts') in app/routes.ts
import type { ActionFunctionArgs } from 'react-router'
import { signUpload } from '../sign-upload.ts'

export const action = ({ request }: ActionFunctionArgs) => signUpload(request)
