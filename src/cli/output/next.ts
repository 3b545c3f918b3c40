import { type ExplainInput, type Explanation, type Finding, inspect } from '../../explain.ts'

/** Causes that only credentials can prove. */
const PROVABLE = /^(?:wrong-secret|secret-|key-|header-|host|path|query|signed-headers|payload|method|tampered)/

/** Explains a request that is sent again. */
const AGAIN = 'curl -v … 2>&1 | npx sigv4 explain'

/** A sentence, and the command that it refers to. */
export interface NextStep {
  readonly text: string
  readonly command?: string
}

/** Returns the user's next step, or `undefined` if the request was accepted. */
export function nextStep(explanation: Explanation, input: ExplainInput): NextStep | undefined {
  const { signature, findings, wanted, decides } = explanation
  const [first] = findings
  if (signature === 'right' && first?.cause !== 'not-auth')
    return input.response === undefined
      ? { text: 'If the service rejects the request, explain it with its response:', command: AGAIN }
      : undefined
  if (signature === 'right')
    return {
      text: 'Check the names of the bucket and key, and the permissions of the access key. A new signature will not help.',
    }
  if (first && /^expire/.test(first.cause)) return { text: 'Create a new URL:', command: presignCommand(input) }
  if (decides) return { text: decides.evidence, command: decides.command }
  if (first?.confidence !== 'likely' && wanted.includes('request'))
    return { text: 'Add the request that failed:', command: AGAIN }
  if (isProvable(first) && wanted.includes('credentials'))
    return {
      text: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the credentials that should have signed, or add --profile NAME or --credentials FILE (JSON with accessKeyId and secretAccessKey), and run the same command again.',
    }
  if ((isProvable(first) || first?.confidence === 'possible') && wanted.includes('response'))
    return { text: 'Add the response of the service:', command: AGAIN }
  return first?.confidence === 'possible'
    ? { text: 'Confirm the cause as described under Check.' }
    : { text: 'Apply the fix, then check the new request:', command: AGAIN }
}

/** Whether credentials could prove a cause. */
export function isProvable(finding: Finding | undefined): boolean {
  return finding === undefined || PROVABLE.test(finding.cause)
}

/** Returns a command that creates the URL again. */
function presignCommand({ request }: ExplainInput): string {
  const url = request?.url ?? ''
  const [base] = /^https?:\/\/[\w.:/~%+-]{1,200}(?=\?|$)/.exec(url) ?? []
  const method = (request?.method ?? 'GET').toLowerCase()
  const region = base && request ? inspect({ ...request, headers: [] }).region : undefined
  const regional = region && /^[\w-]+$/.test(region) ? ` --region ${region}` : ''
  return `npx sigv4 presign ${/^\w+$/.test(method) ? method : 'get'} ${base ? `'${base}'` : 's3://BUCKET/KEY'}${regional} --expires 1h`
}
