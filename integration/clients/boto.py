"""What boto3 does, with the signing of botocore: steps on standard output as one line of JSON."""

import io
import json
import os
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = os.environ["SERVE_BUCKET"]
KEY = "a folder/résumé (1) +&=~.txt"
BODY = b"sent and received data"
SECRET = os.environ["SERVE_SECRET_KEY"]


def client(secret=SECRET, key=os.environ["SERVE_ACCESS_KEY"]):
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, signature_version="s3v4")
    return boto3.client(
        "s3",
        endpoint_url=os.environ["SERVE_ENDPOINT"],
        region_name=os.environ["SERVE_REGION"],
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=config,
    )


s3 = client()
results = {}


def step(name, run):
    try:
        found = run()
        results[name] = True if found is None else found
    except Exception as error:
        results[name] = f"{type(error).__name__}: {error}"[:2000]


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def rejection(run):
    try:
        run()
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode().split('<Code>')[1].split('<')[0]}"
    return "accepted"


def read(key):
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def multipart():
    big = b"boto!" * 2_400_000
    s3.upload_fileobj(io.BytesIO(big), BUCKET, "big", Config=TransferConfig(multipart_chunksize=5 * 1024 * 1024))
    same(read("big") == big, True)
    same(s3.head_object(Bucket=BUCKET, Key="big")["ETag"].endswith('-3"'), True)


def presigned_put():
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "presigned"}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(url, data=BODY, method="PUT", headers={"content-type": ""})).read()


def presigned_get(who=s3):
    url = who.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "presigned"}, ExpiresIn=60)
    same(urllib.request.urlopen(url).read(), BODY)


def listing():
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2})
    same([item["Key"] for page in pages for item in page["Contents"]], [KEY, "big", "presigned", "stream"])
    pages = s3.get_paginator("list_objects").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2})
    same([item["Key"] for page in pages for item in page["Contents"]], [KEY, "big", "presigned", "stream"])


def delete():
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    return rejection(lambda: read(KEY))


def delete_many():
    keys = [{"Key": key} for key in ("big", "presigned", "stream")]
    same(len(s3.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})["Deleted"]), 3)
    s3.delete_bucket(Bucket=BUCKET)


step("bucket", lambda: s3.create_bucket(Bucket=BUCKET) and None)
step("put", lambda: s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY) and None)
step("get", lambda: same(read(KEY), BODY))
step("put a stream", lambda: s3.put_object(Bucket=BUCKET, Key="stream", Body=io.BytesIO(BODY)) and None)
step("multipart upload", multipart)
step("presigned put", presigned_put)
step("presigned get", presigned_get)
step("list", listing)
step("delete", delete)
step("rejected: wrong secret", lambda: rejection(lambda: client(SECRET + "x").put_object(Bucket=BUCKET, Key=KEY, Body=BODY)))
step("rejected: unknown key ID", lambda: rejection(lambda: client(key="UNKNOWN").list_objects_v2(Bucket=BUCKET)))
step("rejected: presigned, wrong secret", lambda: rejection(lambda: presigned_get(client(SECRET + "x"))))
step("delete many", delete_many)
print(json.dumps(results))
