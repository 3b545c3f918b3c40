"""Presigns with boto3: reads a list of calls from standard input, and prints the results as JSON."""

import json
import sys

import boto3
from botocore.config import Config

results = []
for call in json.load(sys.stdin):
    config = Config(signature_version="s3v4", s3={"addressing_style": call.get("style", "virtual")})
    client = boto3.client("s3", config=config, **call["client"])
    results.append(getattr(client, call["method"])(*call["args"], **call["options"]))
print(json.dumps(results))
