export * from 'sigv4/aws4'
export { default } from 'sigv4/aws4'
