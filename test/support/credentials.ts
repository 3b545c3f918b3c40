// The key pairs of AWS's documentation. They are valid nowhere.

export const KEY_ID = 'AKIDEXAMPLE'
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
/** Of AWS's signing test suite. */
export const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }

/** Of the documentation of IAM and S3, whose secret has a slash where the suite's has a plus sign. */
export const DOC_CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
