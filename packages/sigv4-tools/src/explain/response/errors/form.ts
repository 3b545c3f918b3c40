import type { ErrorRow } from './row.ts'

/** Forms and their policies. */
export const FORM: readonly ErrorRow[] = [
  { match: /policy expired|Expiration date is in the past/gi, reading: 'named', causes: ['policy-expired'] },
  { match: /extra input fields: ([\w-]{1,100})/gi, reading: 'named', causes: ['policy-extra-field'], values: ['name'] },
  { match: /"([\w-]{1,300})" not specified in/gi, reading: 'named', causes: ['policy-extra-field'], values: ['name'] },
  {
    match: /"([\w, -]{1,300})" not specified in/gi,
    reading: 'named',
    causes: ['policy-extra-field'],
    values: ['name'],
    stated: { name: (name) => `The policy does not contain a condition for the fields ${name}.` },
  },
  {
    match: /field "([\w-]{1,100})" is not covered/gi,
    reading: 'named',
    causes: ['policy-extra-field'],
    values: ['name'],
  },
  {
    match: /policy missing condition: ([\w-]{1,100})/gi,
    reading: 'named',
    causes: ['policy-extra-field'],
    values: ['name'],
  },
  {
    match: /key '([\w-]{1,100})' is not allowed in policy/gi,
    reading: 'named',
    causes: ['policy-extra-field'],
    values: ['name'],
  },
  { match: /extra input fields|list of policy conditions/gi, reading: 'named', causes: ['policy-extra-field'] },
  {
    match: /unknown condition key|^PostPolicyInvalidKeyName/gi,
    reading: 'suggested',
    causes: ['policy-malformed', 'policy-condition'],
  },
  {
    match: /meet the conditions specified/gi,
    reading: 'named',
    causes: ['policy-condition', 'policy-malformed', 'policy-extra-field'],
  },
  { match: /variable not found|required in policy/gi, reading: 'named', causes: ['policy-condition', 'missing-field'] },
  { match: /File size does not match policy/gi, reading: 'named', causes: ['policy-too-large', 'policy-too-small'] },
  {
    match:
      /condition '[\w-]+' for field '([^']{1,100})' failed: expected (?:prefix )?'([^']{0,500})', got '([^']{0,500})'/gi,
    reading: 'suggested',
    causes: ['policy-condition'],
    values: ['name', 'required', 'sent'],
    stated: {
      values: ({ required, name, sent }) =>
        `The policy requires "${required}" for the ${name} field, but the form contained "${sent}".`,
    },
  },
  {
    match: /(x-amz-\w+) does not match policy/gi,
    reading: 'suggested',
    causes: ['policy-condition'],
    values: ['name'],
  },
  {
    match: /condition failed: "([\w-]{1,100})" does not/gi,
    reading: 'suggested',
    causes: ['policy-condition'],
    values: ['name'],
  },
  {
    match: /key '([\w-]{1,100})' has value not allowed in policy/gi,
    reading: 'suggested',
    causes: ['policy-condition'],
    values: ['name'],
  },
  {
    match: /policy condition failed: (.{0,500}\]|.{1,500})/gi,
    reading: 'suggested',
    causes: ['policy-condition'],
    values: ['condition'],
    stated: { condition: (condition) => `The form did not meet the policy condition ${condition}.` },
  },
  {
    match: /policy condition failed|policy check failed|not match policy|Bucket in form field/gi,
    reading: 'suggested',
    causes: ['policy-condition'],
  },
  { match: /^EntityTooLarge .{0,40}exceeded/gi, reading: 'elsewhere', causes: ['not-auth'] },
  { match: /^EntityTooLarge/gi, reading: 'named', causes: ['policy-too-large'] },
  { match: /^EntityTooSmall/gi, reading: 'named', causes: ['policy-too-small'] },
  {
    match: /must contain a field named '(policy)'/gi,
    reading: 'named',
    causes: ['policy-missing', 'missing-field', 'signature-v2'],
    values: ['name'],
  },
  { match: /No policy was provided/gi, reading: 'named', causes: ['policy-missing', 'missing-field', 'signature-v2'] },
  {
    match: /must contain a field named '([\w-]{1,100})'/gi,
    reading: 'named',
    causes: ['missing-field', 'malformed-signature', 'policy-missing', 'signature-v2'],
    values: ['name'],
  },
  {
    match:
      /exactly one file|not contain a file|content is missing|uploaded key is missing|multipart fields|No (?:key|date|signature) was provided|Missing X-Amz-Algorithm|Missing aws access key|^UserKeyMustBeSpecified|post signature/gi,
    reading: 'named',
    causes: ['missing-field', 'anonymous'],
  },
  {
    match: /Invalid 'expiration' value: '([^']{0,100})'/gi,
    reading: 'named',
    causes: ['policy-malformed'],
    values: ['sent'],
    stated: {
      sent: (sent) =>
        `The policy expires at "${sent}", which S3 cannot read. It requires ISO 8601 in UTC, such as 2030-01-31T12:00:00Z.`,
    },
  },
  {
    match:
      /^InvalidPolicyDocument|(?:invalid|bad|decode|parse) (?:POST )?policy|Bad condition|Bad content-length-range|Invalid condition:|Malformed JSON|policy missing|(?:missing|unsupported) policy|Invalid expiration date|field: policy/gi,
    reading: 'suggested',
    causes: ['policy-malformed', 'tampered-policy'],
  },
]
