import type { ErrorRow } from './row.ts'

/** The credential scope. */
export const SCOPE: readonly ErrorRow[] = [
  {
    match: /region ['"]([^'"]*)['"] is wrong(?:; expecting ['"]([^'"]+)['"])?/gi,
    reading: 'named',
    causes: ['scope-region'],
    values: ['sent', 'required'],
  },
  {
    match: /region name '([^']*)' is not valid(?:.{0,80}\b(auto)\b)?/gi,
    reading: 'named',
    causes: ['scope-region'],
    values: ['sent', 'required'],
  },
  {
    match: /bucket is in this region: ([a-z\d-]+)/gi,
    reading: 'named',
    causes: ['scope-region'],
    values: ['required'],
  },
  {
    match: /region.{0,30}expect(?:ing|ed)[: ]+['"]?([a-z\d-]+)/gi,
    reading: 'named',
    causes: ['scope-region'],
    values: ['required'],
  },
  {
    match: /scoped to a valid region, not ['"]([^'"]*)['"]/gi,
    reading: 'named',
    causes: ['scope-region'],
    values: ['sent'],
  },
  {
    match:
      /non-empty region|region is wrong|not the home region|valid region|invalid (?:credential )?region|in this region|region name|Region does not match|InvalidRegion/gi,
    reading: 'named',
    causes: ['scope-region'],
  },
  { match: /location.constraint/gi, reading: 'suggested', causes: ['scope-region', 'not-auth'] },
  {
    match: /must be addressed using|^PermanentRedirect/gi,
    reading: 'suggested',
    causes: ['scope-region', 'host', 'not-auth'],
  },
  {
    match: /unexpected scope/gi,
    reading: 'named',
    causes: ['scope-region', 'scope-service', 'scope-date', 'scope-terminator'],
  },
  {
    match: /incorrect service(?: "([^"]*)")?\. This endpoint belongs to "([^"]+)"/gi,
    reading: 'named',
    causes: ['scope-service'],
    values: ['sent', 'required'],
  },
  {
    match: /scoped to correct service: ['"]?([a-z\d-]+)/gi,
    reading: 'named',
    causes: ['scope-service'],
    values: ['required'],
  },
  {
    match: /unknown service '([^']*)' in .{0,30}expected '([^']+)'/gi,
    reading: 'named',
    causes: ['scope-service'],
    values: ['sent', 'required'],
  },
  {
    match: /credential service should be ([\w-]+), not ([\w-]*)/gi,
    reading: 'named',
    causes: ['scope-service'],
    values: ['required', 'sent'],
  },
  {
    match: /incorrect service|unknown service|correct service|credential service|Invalid Service/gi,
    reading: 'named',
    causes: ['scope-service'],
  },
  {
    match: /incorrect terminal "([^"]*)"\. This endpoint uses "([^"]+)"/gi,
    reading: 'named',
    causes: ['scope-terminator'],
    values: ['sent', 'required'],
  },
  {
    match: /valid terminator: '([^']+)', not '([^']*)'/gi,
    reading: 'named',
    causes: ['scope-terminator'],
    values: ['required', 'sent'],
  },
  {
    match: /termination string should be (\w+), not (\w*)/gi,
    reading: 'named',
    causes: ['scope-terminator'],
    values: ['required', 'sent'],
  },
  { match: /incorrect terminal|terminator/gi, reading: 'named', causes: ['scope-terminator'] },
  {
    match: /incorrect date format "([^"]{0,100})"/gi,
    reading: 'named',
    causes: ['scope-date', 'date-mismatch', 'date-format'],
    values: ['sent'],
    stated: {
      sent: (sent) => `The date of the credential scope is "${sent}".`,
      required: (required) => `The required format is ${required}.`,
    },
  },
  {
    match: /'(\d*)' != '(\d{8})', from/gi,
    reading: 'named',
    causes: ['scope-date', 'date-mismatch', 'date-format'],
    values: ['sent', 'required'],
  },
  {
    match: /credential date "([^"]*)".{0,60}X-Amz-Date: "([^"]*)"/gi,
    reading: 'named',
    causes: ['scope-date', 'date-mismatch', 'date-format'],
    values: ['sent', 'required'],
  },
  {
    match: /credential signed date (\w*) does not match (\w+)/gi,
    reading: 'named',
    causes: ['scope-date', 'date-mismatch', 'date-format'],
    values: ['sent', 'required'],
  },
  {
    match: /credential (?:signed |scope )?date|date in (?:the )?credential/gi,
    reading: 'named',
    causes: ['scope-date', 'date-mismatch', 'date-format'],
  },
]
