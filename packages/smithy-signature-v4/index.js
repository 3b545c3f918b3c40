module.exports = require('sigv4/smithy')
