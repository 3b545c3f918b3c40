// Media types that files have: those that libraries and systems derive from an extension, and those that people write.

/** The rests of types, by their start. */
const TYPES: Readonly<Record<string, string>> = {
  'image/':
    'jpeg png gif webp svg+xml heic heif avif bmp tiff x-icon vnd.microsoft.icon jpg heic-sequence heif-sequence apng jxl jp2 vnd.ms-photo vnd.adobe.photoshop vnd.dwg vnd.dxf vnd.djvu x-ms-bmp x-png pjpeg x-tga x-adobe-dng x-pcx x-portable-bitmap x-portable-graymap x-portable-pixmap x-xbitmap ktx ktx2 vnd.wap.wbmp emf wmf cgm jpm jpx',
  'video/':
    'mp4 quicktime webm x-matroska x-msvideo avi mpeg ogg mp2t x-m4v x-ms-wmv x-flv 3gpp 3gpp2 x-ms-asf iso.segment',
  'audio/':
    'mpeg mp3 wav x-wav wave ogg mp4 x-m4a aac flac x-flac webm opus midi x-aiff aiff x-ms-wma amr 3gpp basic x-matroska x-mpegurl x-realaudio x-caf',
  'text/':
    'plain html csv css javascript markdown xml calendar vcard x-vcard tab-separated-values rtf yaml x-yaml json vtt typescript x-python x-java-source x-c x-sh x-sql jsx richtext event-stream x-markdown x-csv comma-separated-values x-go x-rust x-php turtle uri-list cache-manifest',
  'application/':
    'octet-stream json pdf zip xml javascript gzip x-gzip x-tar x-7z-compressed vnd.rar x-rar-compressed x-zip-compressed x-bzip2 x-xz zstd msword rtf wasm x-www-form-urlencoded x-ndjson jsonl ld+json json-patch+json geo+json yaml x-yaml toml sql protobuf x-protobuf msgpack x-msgpack avro cbor epub+zip java-archive java-vm postscript xhtml+xml rss+xml atom+xml x-sh x-httpd-php x-shockwave-flash x-msdownload x-msdos-program x-apple-diskimage x-debian-package x-rpm x-iso9660-image x-pkcs12 x-pem-file x-x509-ca-cert pkcs7-signature pkcs7-mime pkcs10 pgp-encrypted pgp-signature ogg mp4 x-mpegurl vnd.apple.mpegurl dash+xml x-bittorrent x-font-ttf x-font-otf font-woff x-font-woff vnd.ms-fontobject x-sqlite3 x-ipynb+json manifest+json csv gpx+xml vnd.google-earth.kml+xml vnd.google-earth.kmz dicom x-hdf x-netcdf vnd.apache.parquet parquet vnd.apache.arrow.file vnd.apache.arrow.stream vnd.android.package-archive x-mobipocket-ebook vnd.amazon.ebook vnd.ms-pki.stl x-xpinstall x-chrome-extension vnd.ms-cab-compressed x-cpio x-bzip x-tex x-latex force-download download x-download vnd.api+json hal+json x-amz-json-1.0 x-amz-json-1.1 xslt+xml xml-dtd wsdl+xml vnd.apple.pkpass vnd.apple.pages vnd.apple.numbers vnd.apple.keynote vnd.mif',
  'application/vnd.ms-':
    'excel powerpoint project outlook xpsdocument htmlhelp works word.document.macroenabled.12 excel.sheet.macroenabled.12 powerpoint.presentation.macroenabled.12 excel.sheet.binary.macroenabled.12',
  'application/vnd.openxmlformats-officedocument.':
    'wordprocessingml.document spreadsheetml.sheet presentationml.presentation wordprocessingml.template spreadsheetml.template presentationml.template presentationml.slideshow',
  'application/vnd.oasis.opendocument.':
    'text spreadsheet presentation graphics text-template formula chart image database',
  'font/': 'woff2 woff ttf otf sfnt eot collection',
  'model/': 'gltf-binary gltf+json obj stl vnd.usdz+zip step 3mf mesh iges vrml x3d+xml',
  'message/': 'rfc822',
  'multipart/': 'form-data mixed',
}

/** Notations of a character set, and the lack of one. */
const CHARSETS = [
  '',
  '; charset=utf-8',
  ';charset=UTF-8',
  '; charset=UTF-8',
  ';charset=utf-8',
  '; charset=us-ascii',
  '; charset=iso-8859-1',
]

/** Types that are sent with a character set. */
const TEXTUAL = /^text\/|[/+-](?:json|xml|javascript|yaml|ndjson|urlencoded)$/

/** Returns the types, with and without character sets. */
export function mediaTypes(): string[] {
  const types = Object.entries(TYPES).flatMap(([start, rests]) => rests.split(' ').map((rest) => start + rest))
  return CHARSETS.flatMap((charset) =>
    (charset === '' ? types : types.filter((type) => TEXTUAL.test(type))).map((type) => type + charset),
  )
}
