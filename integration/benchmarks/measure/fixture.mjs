// The task that all contestants of a table share.

export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
/** Credentials as most programs pass them: a new object in each call. */
export const inline = () => ({
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
})
export const REGION = 'eu-west-1'
export const BUCKET = 'photos'
export const S3_HOST = `s3.${REGION}.amazonaws.com`
export const HOST = `${BUCKET}.${S3_HOST}`
/** A host that a signer accepts any region for, as long as HOST. */
export const OTHER_HOST = `${BUCKET}.s3.${REGION}.minio.example`
export const TYPE = 'image/jpeg'
export const OTHER_TYPE = 'image/png'
export const EXPIRES = 900
export const MAX_FORM_SIZE = 10_485_760

/** Keys in turn, so that no contestant gains by remembering one URL. */
export const KEYS = Array.from({ length: 1024 }, (_, i) => `uploads/2026/photo ${i}.jpg`)
export const keyOf = (i) => KEYS[i & 1023]

/** The path of a key. Contestants that take a path or a URL all call this one cheap function while they are timed. */
export const pathOf = (key) => `/${key.replaceAll(' ', '%20')}`

/** Start of a day, for signing dates that are a second apart. */
export const DAY = Date.UTC(2026, 2, 1)

export const TABLE_HOST = `dynamodb.${REGION}.amazonaws.com`
export const TABLE_HEADERS = {
  'Content-Type': 'application/x-amz-json-1.0',
  'X-Amz-Target': 'DynamoDB_20120810.GetItem',
}
export const TABLE_BODY = JSON.stringify({ TableName: 'photos', Key: { id: { S: 'photo 1' } } }).padEnd(200)
