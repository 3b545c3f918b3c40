import type { Row } from './row.ts'
import { checksumRows } from './rows/checksums.ts'
import { chunkRows } from './rows/chunks.ts'
import { fetchRows } from './rows/fetching.ts'
import { formRows } from './rows/forms.ts'
import { multipartRows } from './rows/multipart.ts'
import { optionalRows } from './rows/optional.ts'
import { pathRows } from './rows/paths.ts'
import { presignedRows } from './rows/presigned.ts'
import { queryRows } from './rows/queries.ts'
import { rejectionRows } from './rows/rejections.ts'
import { signedRows } from './rows/signed.ts'

/** All rows of the report, in order. */
export const ROWS: readonly Row[] = [
  ...[...presignedRows, ...signedRows, ...formRows, ...multipartRows, ...chunkRows, ...checksumRows],
  ...[...pathRows, ...queryRows, ...fetchRows, ...rejectionRows, ...optionalRows],
]
