#!/bin/sh
# --curl prints the complete command with all signed headers. Options of curl can be added to it.
set -eu
upload=$(npx sigv4-tools presign put "s3://${S3_BUCKET:-photos}/curl.sh/$(basename "$FILE")" \
  --endpoint "$S3_ENDPOINT" --region "${AWS_REGION:-us-east-1}" --content-type text/plain --file "$FILE" --curl)
eval "$upload --silent --show-error --fail --write-out '%{http_code}\n'"
