#!/bin/sh
# --curl prints the whole command, with every header that was signed; sh runs it, with options of its own behind.
set -eu
upload=$(npx sigv4 presign put "s3://${S3_BUCKET:-photos}/curl.sh/$(basename "$FILE")" \
  --endpoint "$S3_ENDPOINT" --region "${AWS_REGION:-us-east-1}" --content-type text/plain --file "$FILE" --curl)
eval "$upload --silent --show-error --fail --write-out '%{http_code}\n'"
