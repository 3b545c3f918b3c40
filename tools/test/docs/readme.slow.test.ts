import { expect, it } from 'vitest'
import { fencesOf } from '../../../test/support/docs/markdown.ts'
import { runWithServer } from '../support/walkthrough.ts'

// The README shows what `explain` prints for the upload that it shows.

const fences = fencesOf('README.md')

it('explain prints what the README shows', async () => {
  const command = fences.find(({ code }) => code.includes('sigv4-tools explain'))!.code
  const shown = fences.find(({ language }) => language === 'text')!.code
  const script = `
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-west-1
URL=$(npx sigv4-tools presign put s3://photos/summer/cat.jpg --endpoint http://127.0.0.1:9000 --content-type image/jpeg)
echo a cat > cat.png
${command.trim()} || true`
  const output = await runWithServer(script, '9000')
  expect(output.slice(output.indexOf('Proven')).slice(0, shown.length)).toBe(shown)
})
