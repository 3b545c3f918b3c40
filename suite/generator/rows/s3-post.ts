import type { ServiceResponse } from '../../format/format.ts'
import { both, type Edit, type More, Rows } from '../model/builder.ts'
import { removePair, setPair } from '../model/draft.ts'
import { FORMS, type FormDraft, formDraft } from '../model/form.ts'
import { OBJECTS, PATH_STYLE } from '../model/setting.ts'
import {
  ARGUMENT,
  by,
  DENIED,
  DNM,
  FORMS_PAGE,
  POLICY,
  POLICY_DOCUMENT,
  POST_PAGE,
  TOKEN,
  TOO_LARGE,
  TOO_SMALL,
  UNKNOWN_KEY,
  UNKNOWN_OPERATOR,
  V2_REFUSED,
} from '../model/sources.ts'
import { keyWith, READ_BACK } from './common.ts'

/** S3 replaces it with the name of the file. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
const FILENAME = '${filename}'

const send =
  (edit: (form: FormDraft) => void): Edit<FormDraft> =>
  (sent) =>
    edit(sent)

export function s3Post(): Rows<FormDraft> {
  const rows = new Rows<FormDraft>('s3-post', 's3-post', PATH_STYLE, OBJECTS, FORMS)
  rows.base('PostSignature', 'post/form', 'A form whose key has a prefix', formDraft())
  signatures(rows)
  conditions(rows)
  coverage(rows)
  return rows
}

function signatures(rows: Rows<FormDraft>): void {
  const no = (id: string, what: string, comment: string, aws: typeof DNM, edit: Edit<FormDraft>, more: More = {}) =>
    rows.no('PostSignature', `post/${id}`, 'post/form', what, comment, aws, edit, more)
  no('wrong-secret', 'secret', 'The policy is signed with a different secret access key', DNM, (_, signed) => {
    signed.key = keyWith(0, 'AWS4wJalrXUtnFEMI/bPxRfiCYWRONGSECRETKEY')
  })
  no(
    'wrong-digit',
    'signature',
    'The last digit of the signature is a different one',
    DNM,
    send((form) => {
      form.signature = '{{flip signature}}'
    }),
  )
  no(
    'short-signature',
    'signature',
    'The last digit of the signature is missing',
    DNM,
    send((form) => {
      form.signature = '{{cut signature}}'
    }),
  )
  no('key-of-yesterday', 'secret', 'The key is derived for the day before', DNM, (_, signed) => {
    signed.key = keyWith(1, '{{day-86400}}')
  })
  for (const [id, index, part] of [
    ['region', 2, 'other-{{region}}'],
    ['service', 3, 'iam'],
  ] as const)
    no(`key-of-other-${id}`, 'secret', `The key is derived for a different ${id}`, DNM, (_, signed) => {
      signed.key = keyWith(index, part)
    })
  const changed = (id: string, name: string, comment: string, value: string, aws: ServiceResponse) =>
    no(
      id,
      'field',
      comment,
      aws,
      send((form) => setPair(form.fields, name, value)),
    )
  changed('changed-date', 'x-amz-date', 'The date is a second later than the signed one', '{{time+1}}', POLICY)
  changed('changed-day', 'x-amz-date', 'The date is a day earlier than the signed one', '{{time-86400}}', ARGUMENT)
  changed('changed-algorithm', 'x-amz-algorithm', 'The algorithm is that of a weak hash', 'AWS4-HMAC-SHA1', ARGUMENT)
  changed('algorithm-none', 'x-amz-algorithm', 'The algorithm has the name none', 'none', ARGUMENT)
  no(
    'added-token',
    'field',
    'A security token is added',
    TOKEN,
    send((form) => form.fields.push(['x-amz-security-token', 'example'])),
  )
  no(
    'other-policy',
    'policy',
    'A policy that permits every key is sent instead of the signed one',
    DNM,
    send((form) => {
      const policy = `{"expiration":"{{iso+3600}}","conditions":[["starts-with","$key",""],${form.conditions.join(',')}]}`
      form.more.push({ name: 'otherPolicy', base64: policy.replace(',["starts-with","$key","{{prefix}}up"]', '') })
      form.sentPolicy = '{{otherPolicy}}'
    }),
  )
  no(
    'cut-policy',
    'policy',
    'The last character of the policy is missing',
    DNM,
    send((form) => {
      form.sentPolicy = '{{cut policy}}'
    }),
  )
  no(
    'no-signature',
    'signature',
    'The signature is missing',
    by(POST_PAGE, ARGUMENT),
    send((form) => {
      form.signature = undefined
    }),
  )
  no(
    'other-order',
    'policy',
    'The members of the policy are sent in a different order from the signed one',
    DNM,
    send((form) => {
      form.more.push({
        name: 'otherPolicy',
        base64: `{"conditions":[${form.conditions.join(',')}],"expiration":"{{iso+3600}}"}`,
      })
      form.sentPolicy = '{{otherPolicy}}'
    }),
  )
  no(
    'policy-twice',
    'policy',
    'The policy is encoded twice',
    DNM,
    send((form) => {
      form.sentPolicy = '{{base64 policy}}'
    }),
  )
  no(
    'zeros',
    'signature',
    'The signature consists of zeros',
    DNM,
    send((form) => {
      form.signature = '0'.repeat(64)
    }),
  )
  for (const name of ['x-amz-credential', 'x-amz-date', 'x-amz-algorithm'])
    no(
      `no-${name.slice(6)}`,
      'field',
      `${name} is missing`,
      by(POST_PAGE, ARGUMENT),
      send((form) => removePair(form.fields, name)),
    )
  const v2 = (sent: FormDraft, signature: string): void => {
    sent.more.push({ name: 'version2', hmacSha1: '{{policy}}' })
    sent.fields = [
      ['key', '{{prefix}}up.txt'],
      ['AWSAccessKeyId', '{{accessKeyId}}'],
      ['signature', signature],
    ]
    sent.signature = undefined
  }
  rows.no(
    'V2Downgrade',
    'post/v2-wrong',
    'post/form',
    'claim',
    'A form with a wrong signature of version 2',
    V2_REFUSED,
    (sent) => v2(sent, 'd3Jvbmcgc2lnbmF0dXJlIG9mIDIwIGI='),
  )
  rows.maybe(
    'V2Downgrade',
    'post/v2',
    'post/form',
    'claim',
    'A form with a correct signature of version 2, and conditions on the fields of version 4',
    (sent) => v2(sent, '{{version2}}'),
  )
  no('no-claim', 'claim', 'The form has no claim and no policy', DENIED, (sent) => {
    sent.fields = [['key', '{{prefix}}up.txt']]
    sent.sentPolicy = undefined
    sent.signature = undefined
  })
  no(
    'unknown-key',
    'credential',
    'The access key ID is unknown; the rest of the form is correct',
    UNKNOWN_KEY,
    both((form) => {
      setPair(form.fields, 'x-amz-credential', 'AKIAI44QH8DHBUNKNOWN/{{day}}/{{region}}/{{service}}/aws4_request')
      form.conditions[3] = '{"x-amz-credential":"AKIAI44QH8DHBUNKNOWN/{{day}}/{{region}}/{{service}}/aws4_request"}'
    }),
  )
  const scope = (id: string, comment: string, parts: string[]) =>
    rows.no(
      'ScopeMismatch',
      `post/${id}`,
      'post/form',
      'scope',
      comment,
      ARGUMENT,
      both((form) => {
        const credential = `{{accessKeyId}}/${parts.join('/')}`
        setPair(form.fields, 'x-amz-credential', credential)
        form.conditions[3] = `{"x-amz-credential":"${credential}"}`
        form.key = ['AWS4{{secretAccessKey}}', ...parts]
      }),
    )
  scope('scope-region', 'The policy is signed for a different region', [
    '{{day}}',
    'other-{{region}}',
    '{{service}}',
    'aws4_request',
  ])
  scope('scope-service', 'The policy is signed for a different service', [
    '{{day}}',
    '{{region}}',
    'iam',
    'aws4_request',
  ])
  scope('scope-terminator', 'The credential ends with aws4_other', [
    '{{day}}',
    '{{region}}',
    '{{service}}',
    'aws4_other',
  ])
  scope('scope-no-region', 'The region of the credential is empty', ['{{day}}', '', '{{service}}', 'aws4_request'])
  rows.ok(
    'PostSignature',
    'post/folder',
    'post/form',
    'field',
    'A key in a folder',
    both((form) => setPair(form.fields, 'key', '{{prefix}}up/folder/a.txt')),
  )
}

/** Adds a field and its condition. */
function addField(form: FormDraft, name: string, value: string, condition: string): void {
  form.fields.push([name, value])
  form.conditions.push(condition)
}

function conditions(rows: Rows<FormDraft>): void {
  const ok = (id: string, comment: string, edit: (form: FormDraft) => void, of = 'post/form') =>
    rows.ok('PostCondition', `post/${id}`, of, 'condition', comment, both(edit))
  const no = (
    id: string,
    of: string,
    what: string,
    comment: string,
    edit: (form: FormDraft) => void,
    aws = POLICY,
    more: More = {},
  ) => rows.no('PostCondition', `post/${id}`, of, what, comment, aws, send(edit), more)
  ok('eq', 'A condition that a field equals a value', (form) =>
    addField(form, 'x-amz-meta-owner', 'the signer', '["eq","$x-amz-meta-owner","the signer"]'),
  )
  ok('object', 'The same condition as an object', (form) =>
    addField(form, 'x-amz-meta-owner', 'the signer', '{"x-amz-meta-owner":"the signer"}'),
  )
  ok('any', 'A condition that permits every value', (form) =>
    addField(form, 'x-amz-meta-tag', 'anything', '["starts-with","$x-amz-meta-tag",""]'),
  )
  ok('type', 'A condition on the start of the content type', (form) =>
    addField(form, 'Content-Type', 'text/plain', '["starts-with","$Content-Type","text/"]'),
  )
  ok('size', 'A condition on the size of the file', (form) => form.conditions.push('["content-length-range",1,10]'))
  ok('size-exact', 'The file has the only permitted size', (form) =>
    form.conditions.push('["content-length-range",7,7]'),
  )
  ok('filename', 'The name of the file is a part of the key', (form) =>
    setPair(form.fields, 'key', `{{prefix}}up/${FILENAME}`),
  )
  ok('status', 'success_action_status has a condition', (form) =>
    addField(form, 'success_action_status', '201', '{"success_action_status":"201"}'),
  )
  ok('acl', 'An access control list has a condition', (form) => addField(form, 'acl', 'private', '{"acl":"private"}'))
  ok('two-conditions', 'Two conditions on one field', (form) =>
    addField(
      form,
      'x-amz-meta-tag',
      'abc',
      '["starts-with","$x-amz-meta-tag","a"],["starts-with","$x-amz-meta-tag","ab"]',
    ),
  )
  ok('dollar', 'A value with an escaped dollar sign', (form) =>
    addField(form, 'x-amz-meta-price', '$5', '["eq","$x-amz-meta-price","\\$5"]'),
  )
  ok('expires-minute', 'A policy that expires in a minute', (form) => {
    form.expiration = '{{iso+60}}'
  })
  no('prefix', 'post/form', 'field', 'The key does not start with the prefix', (form) =>
    setPair(form.fields, 'key', '{{prefix}}secret.txt'),
  )
  no('prefix-case', 'post/form', 'field', 'The key starts with the prefix in uppercase', (form) =>
    setPair(form.fields, 'key', '{{prefix}}UP.txt'),
  )
  no('prefix-only-later', 'post/form', 'field', 'The key contains the prefix later', (form) =>
    setPair(form.fields, 'key', '{{prefix}}x/up.txt'),
  )
  for (const [id, comment, key] of [
    ['dot', 'The key starts with a dot and a slash', './up.txt'],
    ['parent', 'The key has the prefix after two dots', 'x/../up.txt'],
    ['slash', 'The key starts with a slash', '/up.txt'],
    ['encoded', 'The first letter of the prefix is percent-encoded', '%75p.txt'],
    ['space', 'The key starts with a space', ' up.txt'],
    ['short', 'The key is only the start of the prefix', 'u'],
  ] as const)
    no(`prefix-${id}`, 'post/form', 'field', comment, (form) => setPair(form.fields, 'key', `{{prefix}}${key}`))
  no('eq-other', 'post/eq', 'field', 'The field has a different value', (form) =>
    setPair(form.fields, 'x-amz-meta-owner', 'someone'),
  )
  no('eq-longer', 'post/eq', 'field', 'The field only starts with the value', (form) =>
    setPair(form.fields, 'x-amz-meta-owner', 'the signer!'),
  )
  no('eq-case', 'post/eq', 'field', 'The value is in uppercase', (form) =>
    setPair(form.fields, 'x-amz-meta-owner', 'THE SIGNER'),
  )
  no('object-other', 'post/object', 'field', 'The field of a condition as an object has a different value', (form) =>
    setPair(form.fields, 'x-amz-meta-owner', 'someone'),
  )
  no('eq-missing', 'post/eq', 'field', 'The field is missing', (form) => removePair(form.fields, 'x-amz-meta-owner'))
  no('type-other', 'post/type', 'field', 'The content type is a different one', (form) =>
    setPair(form.fields, 'Content-Type', 'image/svg+xml'),
  )
  no('type-list', 'post/type', 'field', 'The second of two content types is a different one', (form) =>
    setPair(form.fields, 'Content-Type', 'text/plain,image/svg+xml'),
  )
  no('type-first', 'post/type', 'field', 'The first of two content types is a different one', (form) =>
    setPair(form.fields, 'Content-Type', 'image/svg+xml,text/plain'),
  )
  no('type-case', 'post/type', 'field', 'The content type is in uppercase', (form) =>
    setPair(form.fields, 'Content-Type', 'TEXT/plain'),
  )
  no('type-missing', 'post/type', 'field', 'The content type is missing', (form) =>
    removePair(form.fields, 'Content-Type'),
  )
  no(
    'size-over',
    'post/size',
    'file',
    'The file is larger than permitted',
    (form) => {
      form.file = 'written here'
    },
    by(POST_PAGE, TOO_LARGE),
  )
  no(
    'size-under',
    'post/size',
    'file',
    'The file is smaller than permitted',
    (form) => {
      form.file = ''
    },
    by(POST_PAGE, TOO_SMALL),
  )
  no(
    'size-exact-over',
    'post/size-exact',
    'file',
    'The file is a byte larger than permitted',
    (form) => {
      form.file = 'written!'
    },
    by(POST_PAGE, TOO_LARGE),
  )
  ok('size-ranges', 'Two conditions on the size of the file', (form) =>
    form.conditions.push('["content-length-range",1,100],["content-length-range",5,10]'),
  )
  no(
    'size-ranges-over',
    'post/size-ranges',
    'file',
    'The file is larger than one of two conditions permits',
    (form) => {
      form.file = 'written here'
    },
    by(POST_PAGE, TOO_LARGE),
  )
  no(
    'size-ranges-under',
    'post/size-ranges',
    'file',
    'The file is smaller than one of two conditions permits',
    (form) => {
      form.file = 'w'
    },
    by(POST_PAGE, TOO_SMALL),
  )
  no('acl-other', 'post/acl', 'field', 'The access control list is a different one', (form) =>
    setPair(form.fields, 'acl', 'public-read'),
  )
  no('second-condition', 'post/two-conditions', 'field', 'The field meets only the first of two conditions', (form) =>
    setPair(form.fields, 'x-amz-meta-tag', 'aXc'),
  )
  no('filename-outside', 'post/form', 'field', 'The key is the name of the file', (form) =>
    setPair(form.fields, 'key', `{{prefix}}${FILENAME}`),
  )
  rows.no(
    'PostCondition',
    'post/other-bucket',
    'post/form',
    'condition',
    'The policy is for a different bucket',
    POLICY,
    (_, signed) => {
      signed.conditions[0] = '{"bucket":"other-{{bucket}}"}'
    },
  )
  rows.no(
    'PostCondition',
    'post/no-bucket',
    'post/form',
    'condition',
    'The policy has no condition on the bucket',
    by('observed:https://github.com/aws/aws-sdk-php/issues/3292', POLICY),
    (_, signed) => {
      signed.conditions.shift()
    },
  )
  const expired = (id: string, comment: string, expiration: string, more: More = {}) =>
    rows.no(
      'PostCondition',
      `post/${id}`,
      'post/form',
      'expiration',
      comment,
      POLICY,
      (_, signed) => {
        signed.expiration = expiration
      },
      more,
    )
  expired('expired', 'The policy has expired an hour ago', '{{iso-3600}}')
  expired('expired-second', 'The policy has expired a second ago', '{{iso-1}}', { live: false })
  const document = (id: string, comment: string, policy: string) =>
    rows.no('PostCondition', `post/${id}`, 'post/form', 'policy', comment, POLICY_DOCUMENT, (_, signed) => {
      signed.policy = policy
    })
  document(
    'no-expiration',
    'The policy has no expiration',
    '{"conditions":[["starts-with","$key",""],{"bucket":"{{bucket}}"}]}',
  )
  for (const [id, comment, expiration] of [
    ['word', 'is a word', '"never"'],
    ['empty', 'is empty', '""'],
    ['number', 'is a number of seconds', '4102444800'],
    ['http', 'has the format of HTTP', '"{{httpDate+3600}}"'],
    ['none', 'is null', 'null'],
  ] as const)
    rows.no(
      'PostCondition',
      `post/expiration-${id}`,
      'post/form',
      'expiration',
      `The expiration ${comment}`,
      POLICY_DOCUMENT,
      (_, signed) => {
        signed.policy = `{"expiration":${expiration},"conditions":[${signed.conditions.join(',')}]}`
      },
    )
  document('no-conditions', 'The policy has no conditions', '{"expiration":"{{iso+3600}}"}')
  rows.no(
    'PostCondition',
    'post/unknown-operator',
    'post/form',
    'condition',
    'A condition has an unknown operator',
    UNKNOWN_OPERATOR,
    (_, signed) => {
      signed.conditions.push('["ends-with","$key","t"]')
    },
  )
  rows.maybe(
    'PostCondition',
    'post/operator-case',
    'post/form',
    'condition',
    'An operator is in uppercase',
    both((form) => {
      form.conditions[1] = '["STARTS-WITH","$key","{{prefix}}up"]'
    }),
  )
}

/** S3's response to a form whose key follows the file. */
const KEY_FIRST = by('observed:https://github.com/nukulb/s3-angular-file-upload/issues/1', ARGUMENT)

function coverage(rows: Rows<FormDraft>): void {
  const added: [string, string, string][] = [
    ['acl', 'acl', 'public-read'],
    ['type', 'Content-Type', 'text/html'],
    ['meta', 'x-amz-meta-owner', 'someone'],
    ['redirect', 'success_action_redirect', 'https://example.com/'],
    ['status', 'success_action_status', '200'],
    ['storage-class', 'x-amz-storage-class', 'GLACIER'],
    ['website', 'x-amz-website-redirect-location', 'https://example.com/'],
    ['tagging', 'tagging', '<Tagging/>'],
    ['unknown', 'unknown', '1'],
    ['encoding', 'Content-Encoding', 'gzip'],
    ['disposition', 'Content-Disposition', 'inline'],
  ]
  for (const [id, name, value] of added)
    rows.no(
      'PostCoverage',
      `post/uncovered-${id}`,
      'post/form',
      'field',
      `A field ${name} without a condition is added`,
      by(POST_PAGE, POLICY),
      send((form) => form.fields.push([name, value])),
      READ_BACK.test(name) ? { proof: { get: 'up.txt', has: `${name}: ${value}` } } : {},
    )
  rows.no(
    'PostCoverage',
    'post/other-bucket-field',
    'post/form',
    'field',
    'A field contains the name of a different bucket',
    by(POST_PAGE, POLICY),
    send((form) => form.fields.push(['bucket', 'other-{{bucket}}'])),
  )
  for (const name of ['key', 'x-amz-credential'])
    rows.no(
      'PostCoverage',
      `post/late-${name.slice(name.lastIndexOf('-') + 1)}`,
      'post/form',
      'field',
      `The field ${name} follows the file`,
      name === 'key' ? KEY_FIRST : { source: FORMS_PAGE },
      send((form) => {
        form.afterFile = form.fields.filter((field) => field[0] === name)
        removePair(form.fields, name)
      }),
    )
  const maybe = (id: string, of: string, comment: string, edit: (form: FormDraft) => void): void =>
    rows.maybe('PostCoverage', `post/${id}`, of, 'field', comment, send(edit))
  maybe('key-twice', 'post/form', 'A second key is added, which the policy does not permit', (form) =>
    form.fields.push(['key', '{{prefix}}secret.txt']),
  )
  maybe(
    'key-twice-before',
    'post/form',
    'A second key, which the policy does not permit, precedes the first one',
    (form) => form.fields.unshift(['key', '{{prefix}}secret.txt']),
  )
  maybe(
    'field-case',
    'post/eq',
    'A field is sent a second time with a name in uppercase and a different value',
    (form) => form.fields.push(['X-AMZ-META-OWNER', 'someone']),
  )
  rows.ok(
    'PostCoverage',
    'post/ignored',
    'post/form',
    'field',
    'A field whose name starts with x-ignore- needs no condition',
    send((form) => form.fields.push(['x-ignore-csrf', '1'])),
  )
  rows.ok(
    'PostCoverage',
    'post/after-file',
    'post/form',
    'field',
    'A field that follows the file is ignored',
    send((form) => form.afterFile.push(['submit', 'Upload'])),
  )
  rows.ok(
    'PostCoverage',
    'post/names-uppercase',
    'post/form',
    'field',
    'The names of fields are in uppercase',
    send((form) => {
      for (const pair of form.fields) if (pair[0] !== 'key') pair[0] = pair[0].toUpperCase()
    }),
  )
  rows.maybe(
    'PostCoverage',
    'post/key-after-file',
    'post/form',
    'field',
    'A second key follows the file',
    send((form) => form.afterFile.push(['key', '{{prefix}}secret.txt'])),
  )
  rows.maybe(
    'PostCoverage',
    'post/bucket-field',
    'post/form',
    'field',
    'A field with the name of the bucket',
    send((form) => form.fields.push(['bucket', '{{bucket}}'])),
  )
  rows.maybe(
    'PostCoverage',
    'post/ignored-twice',
    'post/ignored',
    'field',
    'A field whose name starts with x-ignore- is sent twice',
    send((form) => form.fields.push(['x-ignore-csrf', '2'])),
  )
}
