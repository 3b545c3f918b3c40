export * from 'sigv4/aws4fetch'
