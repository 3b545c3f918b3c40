export { decodeBase64, decodeOctets, encodeBase64, encodeOctets, utf8Length } from '../core/encoding/base64.ts'
export { decode, decodeToOctets, hasBareEscape, uriEncode, uriReencode } from '../core/encoding/percent.ts'
export { formatAmzDate, formatIsoDate, MAX_EXPIRES, type Now, parseAmzDate, toTime } from '../core/encoding/time.ts'
export { toOctets, wellFormed } from '../core/encoding/utf8.ts'
