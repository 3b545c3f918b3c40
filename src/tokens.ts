/**
 * Tokens, headers and URLs to log in to databases, Kafka, Kubernetes and other services with AWS credentials.
 *
 * @module
 */

export {}
