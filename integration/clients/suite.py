"""Signs the requests on standard input with botocore, and prints the signatures as one line of JSON."""

import json
import sys

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

SIGNERS = {
    "s3 header": auth.S3SigV4Auth,
    "s3 query": auth.S3SigV4QueryAuth,
    "other header": auth.SigV4Auth,
    "other query": auth.SigV4QueryAuth,
}


def sign(case):
    credentials = Credentials(case["accessKeyId"], case["secretAccessKey"])
    request = AWSRequest(method=case["method"], url=case["url"], data=case["body"].encode("latin1"))
    request.context["timestamp"] = case["time"]
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    if case["kind"] == "form":
        signer = auth.S3SigV4PostAuth(credentials, case["service"], case["region"])
        return signer.signature(case["policy"], request)
    signer = SIGNERS[case["kind"]](credentials, case["service"], case["region"])
    signed = HTTPHeaders()
    for name, value in request.headers.items():
        if name.lower() in case["names"]:
            signed[name.lower()] = value
    signer.headers_to_sign = lambda _: signed
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)


print(json.dumps([sign(case) for case in json.load(sys.stdin)]))
