import { createTransport } from 'nodemailer'
import { sesSmtpPassword } from 'sigv4/tokens'
import { credentials } from './credentials.ts'

// SES accepts only the access key of an IAM user.

const { username, password } = await sesSmtpPassword({ region: 'eu-west-1' }, { credentials })

export const transport = createTransport({
  host: 'email-smtp.eu-west-1.amazonaws.com',
  port: 465,
  secure: true,
  auth: { user: username, pass: password },
})

await transport.verify()
