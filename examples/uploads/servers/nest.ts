// NestJS with Express: a controller, to add to the `controllers` of a module. Nest has already parsed the body.
import { Body, Controller, Headers, Post, Res } from '@nestjs/common'
import { signUpload } from '../sign-upload.ts'

/** The part of Express's response that is used. */
interface Reply {
  status(code: number): { json(body: unknown): void }
}

@Controller('uploads')
export class UploadsController {
  @Post()
  async sign(@Body() body: object, @Headers('cookie') cookie = '', @Res() reply: Reply): Promise<void> {
    const init = { method: 'POST', headers: { cookie }, body: JSON.stringify(body) }
    const response = await signUpload(new Request('http://localhost/uploads', init))
    reply.status(response.status).json(await response.json())
  }
}
