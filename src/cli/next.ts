import { type ExplainInput, type Explanation, type Finding, inspect } from '../explain.ts'

/** Causes that only credentials can prove. */
const PROVABLE = /^(?:wrong-secret|secret-|key-|header-|host|path|query|signed-headers|payload|method|tampered)/

/** Returns the user's next step as one sentence, or `undefined` if the request was accepted. */
export function nextStep(explanation: Explanation, input: ExplainInput, url: string | undefined): string | undefined {
  const { verdict, signature, findings } = explanation
  const [first] = findings
  const missing = / For a more certain result, pass (.*)\.$/.exec(verdict)?.[1] ?? ''
  const target = url === undefined ? '< input.txt' : 'URL'
  const again = 'curl -v … 2>&1 | sigv4 explain'
  if (signature === 'right' && first?.cause !== 'not-auth')
    return input.response === undefined
      ? 'If the service rejects the request, pass its response: sigv4 explain --response response.txt URL'
      : undefined
  if (signature === 'right')
    return 'Check the names of the bucket and key, and the permissions of the access key. A new signature will not help.'
  if (first && /^expire/.test(first.cause)) return `Create a new URL: ${presignCommand(input)}`
  if (first?.confidence !== 'likely' && missing.includes('the request')) return `Add the request that failed: ${again}`
  if (isProvable(first) && missing.includes('the credentials'))
    return `Repeat with the credentials that should have signed: sigv4 explain --credentials keys.json ${target} (or --profile NAME)`
  if ((isProvable(first) || first?.confidence === 'possible') && missing.includes('response'))
    return `Save the response of the service with curl -i … > response.txt and pass it: sigv4 explain --response response.txt ${target}`
  return first?.confidence === 'possible'
    ? 'Confirm the cause as described under Check, or look at the other causes: sigv4 explain --all'
    : `Apply the fix, then check the new request: ${again}`
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
  return `sigv4 presign ${/^\w+$/.test(method) ? method : 'get'} ${base ? `'${base}'` : 's3://BUCKET/KEY'}${regional} --expires 1h`
}
