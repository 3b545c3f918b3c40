import type { Language, Signer } from '../../request/signer.ts'
import type { Found, Paste } from '../model/found.ts'

// Who signed the request: an official SDK or tool, or a program of its user's own; and its language.

/** What only a signer of one's own has: the functions of the algorithm, and words for it. */
const OWN =
  /\b(?:createHmac|hmac\.(?:new|digest|New)\(|hash_hmac\(|OpenSSL::HMAC|HmacSHA256|HMACSHA256|Hmac(?:Sha256|::<)|openssl dgst|get_?signature_?key|(?:derive_?)?signing_?key\s*[(:=]|subtle\.(?:sign|importKey))|\b(?:my|our) (?:own )?(?:sig(?:ner|ning (?:code|function|script))|sigv4 (?:code|implementation|client))|\b(?:hand[- ]?(?:written|rolled)|home-?(?:grown|made)|from scratch|without (?:the|an?y?) (?:aws )?sdk|implement\w* (?:aws )?(?:sigv4|signature v(?:ersion )?4|the signing))\b/i
const OFFICIAL =
  /(?<!\w)(?:boto(?:3|core)\b|aws-cli\/|aws s3(?:api)? |@aws-sdk\/|aws-sdk-(?:go|js|java|php|ruby|cpp|rust|dotnet|nodejs)|software\.amazon\.awssdk|com\.amazonaws\.|Aws\\S3|Aws::S3|aws_sdk_s3|Amazon\.S3|generate_presigned_(?:url|post)|getSignedUrl\(|new [A-Z]\w{2,40}Command\(|An error occurred \(\w{1,80}\) when calling|operation error S3:|S3ServiceException|S3Presigner|PresignClient|AmazonS3Client|minio-(?:py|go|js)|rclone|s3cmd|terraform)/i

/** Words and syntax of a language, the most specific first. */
const LANGUAGES: readonly [Language, RegExp][] = [
  ['powershell', /\bInvoke-(?:WebRequest|RestMethod)\b|\$\w+ = \[System\./],
  ['csharp', /\busing System|Console\.WriteLine|HttpRequestMessage|RequestUri: '/],
  ['php', /<\?php|\$\w+->\w+\(|\bhash_hmac\(|\bcurl_setopt|^Array\n\(|\barray\(\d+\) \{|PHP (?:Warning|Fatal|Notice)/m],
  ['rust', /\bfn \w+\(|\blet mut \b|println!|\breqwest\b|HeaderValue|\bSome\(\s|src\/main\.rs|thread 'main'/],
  ['go', /\bfunc \w*\(|:= |\bfmt\.Print|map\[\w+:\[|\bgo1\.\d|goroutine \d|\.go:\d+/],
  ['java', /\bpublic (?:class|static)|System\.out\.print|\bjava\.\w+\.|Exception in thread|\.java:\d+|okhttp3?\b/],
  ['ruby', /\bNet::HTTP\b|\brequire '|\.rb:\d+|\bputs |OpenSSL::/],
  [
    'python',
    /\bTraceback \(most recent|\bdef \w+\(|\bimport (?:requests|hmac|httpx|hashlib|boto3)\b|\.py"?[:,]|CaseInsensitiveDict|<PreparedRequest|\bprint\(f?['"]/,
  ],
  ['javascript', /\bconst \w+ = |\bconsole\.(?:log|error)|\bawait \w|=> \{|AxiosError|\bfetch\(|node:internal/],
  ['shell', /\bopenssl dgst|^[ \t]{0,40}[$#+] ?\w|\bprintf '|\bcurl -|<<<|\bset -x\b/m],
]
const LONGEST = 40_000

/** Returns who signed, if the text shows it. A client that prints its strings without a debug log is its user's own. */
export function signerOf({ text }: Paste, found: readonly Found[]): Signer | undefined {
  const part = text.slice(0, LONGEST)
  const isOfficial = OFFICIAL.test(part)
  const isPrinted = found.some(
    ({ canonicalRequest, stringToSign, side }) => (canonicalRequest ?? stringToSign) !== undefined && side !== 'server',
  )
  const isOwn = OWN.test(part) || (isPrinted && !isOfficial)
  if (!isOwn) return isOfficial ? { is: 'official' } : undefined
  const language = LANGUAGES.find(([, pattern]) => pattern.test(part))?.[0]
  return { is: 'own', ...(language && { language }) }
}
