// Media types that files have, as clients set them.

/** Types by their first part: an extension and the rest of the type, or one word if they are the same. */
const TYPES: readonly (readonly [prefix: string, list: string])[] = [
  [
    'image/',
    'jpg=jpeg png gif webp svg=svg+xml heic heif avif bmp tif=tiff ico=x-icon ico=vnd.microsoft.icon jpg pjpeg psd=vnd.adobe.photoshop dng=x-adobe-dng jxl bmp=x-ms-bmp',
  ],
  [
    'video/',
    'mp4 mov=quicktime webm mkv=x-matroska avi=x-msvideo mpg=mpeg ogv=ogg ts=mp2t m4v=x-m4v wmv=x-ms-wmv flv=x-flv 3gp=3gpp',
  ],
  [
    'audio/',
    'mp3=mpeg mp3 wav wav=x-wav wav=wave ogg m4a=mp4 m4a=x-m4a aac flac webm opus mid=midi aif=aiff wma=x-ms-wma',
  ],
  [
    'text/',
    'txt=plain html csv css js=javascript md=markdown xml ics=calendar vcf=vcard tsv=tab-separated-values rtf yaml yml=x-yaml json vtt ts=typescript py=x-python sh=x-sh log=x-log event-stream',
  ],
  [
    'application/',
    'octet-stream json pdf zip xml js=javascript gz=gzip gz=x-gzip tar=x-tar 7z=x-7z-compressed rar=vnd.rar rar=x-rar-compressed zip=x-zip-compressed bz2=x-bzip2 xz=x-xz zst=zstd doc=msword rtf wasm x-www-form-urlencoded x-ndjson jsonl ld+json geojson=geo+json yaml yml=x-yaml toml sql protobuf proto=x-protobuf msgpack avro cbor epub=epub+zip jar=java-archive ps=postscript xhtml=xhtml+xml rss=rss+xml atom=atom+xml soap+xml sh=x-sh exe=x-msdownload dmg=x-apple-diskimage deb=x-debian-package rpm=x-rpm iso=x-iso9660-image p12=x-pkcs12 pem=x-pem-file m3u8=x-mpegurl m3u8=vnd.apple.mpegurl mpd=dash+xml torrent=x-bittorrent ttf=x-font-ttf woff=font-woff sqlite=vnd.sqlite3 ipynb=x-ipynb+json webmanifest=manifest+json gpx=gpx+xml kml=vnd.google-earth.kml+xml dicom parquet=vnd.apache.parquet apk=vnd.android.package-archive force-download binary download unknown problem+json vnd.api+json hal+json grpc x-amz-json-1.0 x-amz-json-1.1',
  ],
  [
    'application/vnd.ms-',
    'xls=excel ppt=powerpoint msg=outlook xlsm=excel.sheet.macroenabled.12 docm=word.document.macroenabled.12',
  ],
  [
    'application/vnd.openxmlformats-officedocument.',
    'docx=wordprocessingml.document xlsx=spreadsheetml.sheet pptx=presentationml.presentation dotx=wordprocessingml.template xltx=spreadsheetml.template',
  ],
  ['application/vnd.oasis.opendocument.', 'odt=text ods=spreadsheet odp=presentation'],
  ['font/', 'woff2 woff ttf otf'],
  ['model/', 'glb=gltf-binary gltf=gltf+json obj stl usdz=vnd.usdz+zip'],
  ['message/', 'eml=rfc822'],
  ['multipart/', 'form-data mixed'],
]

/** How clients write a character set. */
const CHARSETS = [
  '; charset=utf-8',
  ';charset=UTF-8',
  '; charset=UTF-8',
  ';charset=utf-8',
  '; charset=us-ascii',
  '; charset=iso-8859-1',
]

/** Types that are sent with a character set. */
const TEXTUAL = /^text\/|[/+-](?:json|xml|javascript|yaml|ndjson|graphql|urlencoded)$/

/** Media types, those of the extension of a path first, and then with their character sets. */
export function mediaTypes(path: string): string[] {
  const extension = /\.(\w{1,12})$/.exec(path)?.[1]?.toLowerCase()
  const [own, others]: [string[], string[]] = [[], []]
  for (const [prefix, list] of TYPES)
    for (const entry of list.split(' ')) {
      const [suffix = '', rest = suffix] = entry.split('=')
      const types = suffix === extension ? own : others
      types.push(prefix + rest)
    }
  return [own, others].flatMap((types) => [
    ...types,
    ...types.filter((type) => TEXTUAL.test(type)).flatMap((type) => CHARSETS.map((charset) => type + charset)),
  ])
}
