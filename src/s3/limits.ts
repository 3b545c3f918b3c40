// Limits of Amazon S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html

/** Maximum size in bytes of an upload in one request, and of a part: 5 GiB. */
export const MAX_UPLOAD_SIZE = 5_368_709_120

/** Maximum size in bytes of all fields before the file of a form, the policy included. */
export const MAX_FORM_SIZE = 20_480

/** Maximum size in bytes of a key in UTF-8. */
export const MAX_KEY_SIZE = 1024

/** Maximum size in bytes of metadata. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export const MAX_METADATA_SIZE = 2048

/** Minimum size in bytes of a part, except the last one: 5 MiB. */
export const MIN_PART_SIZE = 5_242_880

/** Maximum number of parts. */
export const MAX_PARTS = 10_000

/** Maximum size in bytes of an object, 48.8 TiB: the largest parts. */
export const MAX_OBJECT_SIZE = 53_687_091_200_000

/** Maximum number of items in one response. */
export const MAX_LISTED = 1000
