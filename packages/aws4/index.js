module.exports = require('sigv4/aws4')
