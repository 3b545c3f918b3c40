import {
  FILE_LARGE,
  FILE_SMALL,
  FORM_LARGE,
  INTERNAL_ERROR,
  KEY_LONG,
  METADATA_LARGE,
  type Refusal,
  TARGET,
  TOKEN_EXPIRED,
} from '../../../../../src/internal/refusals.ts'

function rowOf([message, , , status = 400]: Refusal): readonly [status: number, message: string] {
  return [status, message]
}

/** S3's error codes, with status and message. */
const ERRORS = {
  AccessForbidden: [403, 'CORSResponse: This CORS request is not allowed.'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what we received.'],
  BadRequest: [400, 'Insufficient information. Origin request header needed.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty'],
  EntityTooLarge: rowOf(FILE_LARGE),
  EntityTooSmall: rowOf(FILE_SMALL),
  ExpiredToken: rowOf(TOKEN_EXPIRED),
  IncompleteBody: [400, 'You did not provide the number of bytes specified by the Content-Length HTTP header'],
  InsufficientStorage: [507, 'There is not enough space. Delete objects, or raise options.maxBytes.'],
  InternalError: [500, INTERNAL_ERROR],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidDigest: [400, 'The Content-MD5 you specified was invalid.'],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartNumber: [416, 'The requested partnumber is not satisfiable'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order. Parts must be ordered by part number.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidURI: rowOf(TARGET),
  KeyTooLongError: rowOf(KEY_LONG),
  MalformedPOSTRequest: [400, 'The body of your POST request is not well-formed multipart/form-data.'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MaxMessageLengthExceeded: [400, 'Your request was too big.'],
  MaxPostPreDataLengthExceededError: rowOf(FORM_LARGE),
  MetadataTooLarge: rowOf(METADATA_LARGE),
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  ],
  NotImplemented: [501, 'A header you provided implies functionality that is not implemented'],
  PermanentRedirect: [
    301,
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
  ],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  RequestHeaderSectionTooLarge: [400, 'Your request header section exceeds the maximum allowed size.'],
  RequestTimeout: [
    400,
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  ],
  ServiceUnavailable: [503, 'Service is unable to handle request.'],
  SlowDown: [503, 'Please reduce your request rate.'],
  TooManyBuckets: [400, 'You have attempted to create more buckets than allowed'],
} as const

export const UNREADABLE = 'An error occurred when parsing the HTTP request.'

export type S3ErrorCode = keyof typeof ERRORS

/** An S3 error. `details` become elements between the message and the request ID. */
export class S3Error extends Error {
  readonly awsCode: S3ErrorCode
  readonly status: number
  readonly details: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: S3ErrorCode,
    details: Readonly<Record<string, string | number>> = {},
    message?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message ?? ERRORS[code][1])
    this.name = 'S3Error'
    this.awsCode = code
    this.status = ERRORS[code][0]
    this.details = Object.fromEntries(Object.entries(details).map(([name, value]) => [name, String(value)]))
    this.headers = headers
  }
}

/** Throws an `InvalidRequest` error. */
export function rejectRequest(message: string): never {
  throw new S3Error('InvalidRequest', {}, message)
}

/** Throws an `InvalidArgument` error with the argument's name and value. */
export function rejectArgument(message: string, name: string, value: string): never {
  throw new S3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, message)
}
