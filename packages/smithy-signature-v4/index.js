const { SignatureV4 } = require('sigv4/smithy')

exports.SignatureV4 = SignatureV4
// Where the AWS SDK looks for a signer of Signature Version 4a.
exports.signatureV4aContainer = { SignatureV4a: null }
