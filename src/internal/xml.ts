export {
  dereference,
  escapeXml,
  namedReference,
  reference,
  S3_NAMESPACE,
  unescapeXml,
  wrap,
  XML_DECLARATION,
} from '../received/xml.ts'
