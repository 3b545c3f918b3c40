export * from 'sigv4/smithy'
