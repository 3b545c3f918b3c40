export * from 'sigv4/smithy'
/** Where the AWS SDK looks for a signer of Signature Version 4a. */
export declare const signatureV4aContainer: { SignatureV4a: (new (options: object) => object) | null }
