Object.defineProperty(exports, '__esModule', { value: true })
Object.assign(exports, require('sigv4/aws4fetch'))
