"""Uploads a file with the JSON of `sigv4-tools presign put --json` or of your server: python requests_upload.py FILE < upload.json"""

import json
import sys

import requests

upload = json.load(sys.stdin)
with open(sys.argv[1], "rb") as file:
    response = requests.request(upload["method"], upload["url"], headers=upload["headers"], data=file)
response.raise_for_status()
print(response.status_code)
