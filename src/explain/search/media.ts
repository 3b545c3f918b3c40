// Media types that files have, as clients set them.

/** Types by their first part: an extension and the rest of the type, or one word if they are the same. */
const TYPES: readonly (readonly [prefix: string, list: string])[] = [
  [
    'image/',
    'jpg=jpeg png gif webp svg=svg+xml heic heif avif bmp tif=tiff ico=x-icon ico=vnd.microsoft.icon jpg heic-sequence heif-sequence apng jxl jp2 jxr=vnd.ms-photo psd=vnd.adobe.photoshop dwg=vnd.dwg dxf=vnd.dxf djvu=vnd.djvu bmp=x-ms-bmp png=x-png pjpeg tga=x-tga cr2=x-canon-cr2 nef=x-nikon-nef arw=x-sony-arw dng=x-adobe-dng raw=x-panasonic-raw pcx=x-pcx pbm=x-portable-bitmap pgm=x-portable-graymap ppm=x-portable-pixmap xbm=x-xbitmap exr=x-exr hdr=vnd.radiance ktx ktx2 wbmp=vnd.wap.wbmp emf wmf cgm jpm jpx',
  ],
  [
    'video/',
    'mp4 mov=quicktime webm mkv=x-matroska avi=x-msvideo avi mpg=mpeg ogv=ogg ts=mp2t m4v=x-m4v wmv=x-ms-wmv flv=x-flv 3gp=3gpp 3g2=3gpp2 asf=x-ms-asf m4s=iso.segment h264 h265 mxf mk3d=x-matroska-3d vob=dvd',
  ],
  [
    'audio/',
    'mp3=mpeg mp3 wav wav=x-wav wav=wave ogg m4a=mp4 m4a=x-m4a aac flac flac=x-flac webm opus mid=midi aif=x-aiff aif=aiff wma=x-ms-wma amr 3gpp au=basic mka=x-matroska m3u=x-mpegurl ra=x-realaudio pcm l16 caf=x-caf ac3 eac3=eac3',
  ],
  [
    'text/',
    'txt=plain html csv css js=javascript md=markdown xml calendar vcf=vcard vcf=x-vcard tsv=tab-separated-values rtf ics=calendar yaml yml=x-yaml json vtt ts=typescript py=x-python java=x-java-source c=x-c sh=x-sh sql=x-sql log=x-log jsx tex=x-tex richtext event-stream srt=x-subrip md=x-markdown csv=x-csv csv=comma-separated-values go=x-go rs=x-rust php=x-php turtle uri-list cache-manifest ini=x-ini mjs=ecmascript',
  ],
  [
    'application/',
    'octet-stream json pdf zip xml js=javascript gz=gzip gz=x-gzip tar=x-tar tar 7z=x-7z-compressed rar=vnd.rar rar=x-rar-compressed zip=x-zip-compressed bz2=x-bzip2 xz=x-xz zst=zstd zst br doc=msword rtf wasm x-www-form-urlencoded x-ndjson jsonl ld+json json=json-patch+json geojson=geo+json graphql yaml yaml=x-yaml toml sql protobuf proto=x-protobuf msgpack msgpack=x-msgpack avro cbor epub=epub+zip jar=java-archive war=x-java-archive class=java-vm ps=postscript xhtml=xhtml+xml rss=rss+xml atom=atom+xml soap+xml sh=x-sh php=x-httpd-php swf=x-shockwave-flash exe=x-msdownload exe=x-msdos-program dmg=x-apple-diskimage deb=x-debian-package rpm=x-rpm iso=x-iso9660-image bin=macbinary p12=x-pkcs12 pem=x-pem-file crt=x-x509-ca-cert p7s=pkcs7-signature p7m=pkcs7-mime csr=pkcs10 pgp=pgp-encrypted asc=pgp-signature ogg mp4 m3u8=x-mpegurl m3u8=vnd.apple.mpegurl mpd=dash+xml torrent=x-bittorrent ttf=x-font-ttf otf=x-font-otf woff=font-woff woff=x-font-woff eot=vnd.ms-fontobject sqlite=x-sqlite3 sqlite=vnd.sqlite3 ipynb=x-ipynb+json webmanifest=manifest+json csv ics=ics gpx=gpx+xml kml=vnd.google-earth.kml+xml kmz=vnd.google-earth.kmz dicom dcm=dicom hdf=x-hdf h5=x-hdf5 mat=x-matlab-data netcdf=x-netcdf parquet=vnd.apache.parquet parquet arrow=vnd.apache.arrow.file arrows=vnd.apache.arrow.stream apk=vnd.android.package-archive ipa=x-ios-app mobi=x-mobipocket-ebook azw=vnd.amazon.ebook dwg=acad dxf stl=sla stl=vnd.ms-pki.stl step=step xpi=x-xpinstall crx=x-chrome-extension lzh=x-lzh cab=vnd.ms-cab-compressed lz=x-lzip lzma=x-lzma cpio=x-cpio bz=x-bzip tex=x-tex latex=x-latex sketch fig=x-fig psd=x-photoshop ai=illustrator indd=x-indesign xls=x-excel ppt=mspowerpoint wp=wordperfect5.1 binary=x-binary force-download download unknown x-download problem+json vnd.api+json hal+json grpc multipart=x-mixed x-amz-json-1.0 x-amz-json-1.1 samlmetadata+xml xslt=xslt+xml xsd=xml-dtd wsdl=wsdl+xml pkpass=vnd.apple.pkpass pages=vnd.apple.pages numbers=vnd.apple.numbers key=vnd.apple.keynote mif=vnd.mif',
  ],
  [
    'application/vnd.ms-',
    'xls=excel ppt=powerpoint vsd=visio mpp=project msg=outlook xps=xpsdocument chm=htmlhelp works tnef docm=word.document.macroenabled.12 xlsm=excel.sheet.macroenabled.12 pptm=powerpoint.presentation.macroenabled.12 xlsb=excel.sheet.binary.macroenabled.12',
  ],
  [
    'application/vnd.openxmlformats-officedocument.',
    'docx=wordprocessingml.document xlsx=spreadsheetml.sheet pptx=presentationml.presentation dotx=wordprocessingml.template xltx=spreadsheetml.template potx=presentationml.template ppsx=presentationml.slideshow',
  ],
  [
    'application/vnd.oasis.opendocument.',
    'odt=text ods=spreadsheet odp=presentation odg=graphics ott=text-template odf=formula odc=chart odi=image odb=database',
  ],
  ['font/', 'woff2 woff ttf otf sfnt eot collection'],
  ['model/', 'glb=gltf-binary gltf=gltf+json obj stl usdz=vnd.usdz+zip step 3mf mesh iges vrml x3d=x3d+xml'],
  ['message/', 'eml=rfc822 http partial'],
  ['multipart/', 'form-data mixed related alternative'],
]

/** Notations of a character set. */
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
