// Is copied into the alias of a project whose tests run: it appends a byte to a file for each signature.

const { appendFileSync } = process.getBuiltinModule?.('node:fs') ?? require('node:fs')
const { join } = require('node:path')

const FILE = join(__dirname, 'signatures')

/** The methods that every signature goes through, also if a subclass replaces others. */
const METHODS = {
  RequestSigner: ['signature'],
  AwsV4Signer: ['signature'],
  SignatureV4: ['getSignature', 'signString'],
}

module.exports = (exported) => {
  for (const [name, methods] of Object.entries(METHODS))
    for (const method of exported[name] ? methods : []) {
      const { prototype } = exported[name]
      const original = prototype[method]
      if (typeof original !== 'function') throw new Error(`${name} has no method ${method}`)
      prototype[method] = function (...given) {
        appendFileSync(FILE, '.')
        return original.apply(this, given)
      }
    }
}
