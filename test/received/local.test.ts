import { describe, expect, it } from 'vitest'
import { isLocalHost, isLoopbackAddress } from '../../src/received/local.ts'

const ADDRESSES = ['127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1']
const NAMES = ['localhost', 'LOCALHOST', 'photos.localhost', 'photos.s3.localhost']
const OTHERS = [
  ...['', '0.0.0.0', '::', '10.0.0.1', '169.254.170.2', '::ffff:10.0.0.1', '2001:db8::1', 'fe80::1'],
  ...['127.0.0.1.example.com', '127.example', '1270.0.0.1', '127.0.0', '127.0.0.1:9000', 'x127.0.0.1'],
  ...['localhost.example.com', 'notlocalhost', 'localhost:9000', '.localhost', 'a b.localhost', 'localhost\n'],
]

describe('this machine', () => {
  it.each(ADDRESSES)('has the address %s', (address) => {
    expect([isLoopbackAddress(address), isLocalHost(address)]).toEqual([true, true])
  })

  it.each(NAMES)('has the name %s, which is not an address', (name) => {
    expect([isLoopbackAddress(name), isLocalHost(name)]).toEqual([false, true])
  })

  it.each(OTHERS)('is not %j', (host) => {
    expect([isLoopbackAddress(host), isLocalHost(host)]).toEqual([false, false])
  })
})
