import { expect, it } from 'vitest'
import { fencesOf, read } from '../../../test/support/docs/markdown.ts'
import { linesIn } from '../../pictures.ts'
import { runWithServer } from '../support/walkthrough.ts'

// The picture in the README shows what `explain` prints for the command above it, and a server that rejects the upload.

it('explain prints what the README shows', async () => {
  const command = fencesOf('README.md').find(({ code }) => code.includes('sigv4-tools explain'))!.code
  const lines = linesIn(read('docs/pictures/explain-light.svg'))
  const shown = lines.slice(lines.findIndex((line) => line.startsWith('Proven'))).join('\n')
  const script = `
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-west-1
URL=$(npx sigv4-tools presign put s3://photos/summer/cat.jpg --endpoint http://127.0.0.1:9000 --content-type image/jpeg)
echo a cat > cat.png
${command.trim()} || true`
  const output = await runWithServer(script, '9000')
  expect(output.slice(output.indexOf('Proven')).slice(0, shown.length)).toBe(shown)
})
