"""Runs official signers for Python with a fixed clock, and prints their results. Nothing is sent."""

import base64
import contextlib
import io
import json
import os
import sys

given = json.loads(sys.argv[1])
keys = given["credentials"]
os.environ["AWS_ACCESS_KEY_ID"] = keys["accessKeyId"]
os.environ["AWS_SECRET_ACCESS_KEY"] = keys["secretAccessKey"]
if keys.get("sessionToken"):
    os.environ["AWS_SESSION_TOKEN"] = keys["sessionToken"]
else:
    os.environ.pop("AWS_SESSION_TOKEN", None)
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull

from freezegun import freeze_time  # noqa: E402

TRIPLE = (keys["accessKeyId"], keys["secretAccessKey"], keys.get("sessionToken"))


def presigned(service, region, url):
    import botocore.session

    session = botocore.session.get_session()
    from botocore.model import ServiceId
    from botocore.signers import RequestSigner

    signer = RequestSigner(
        ServiceId(service), region, service, "v4", session.get_credentials(), session.get_component("event_emitter")
    )
    request = {"method": "GET", "url": url, "body": {}, "headers": {}, "context": {}}
    url = signer.generate_presigned_url(request, operation_name="connect", expires_in=900, region_name=region)
    return url.removeprefix("https://")


def client(service, region):
    import boto3

    return boto3.client(service, region_name=region)


def rds(i):
    return client("rds", i["region"]).generate_db_auth_token(i["hostname"], i["port"], i["username"], i["region"])


def dsql_connect(i):
    return client("dsql", i["region"]).generate_db_connect_auth_token(i["hostname"], i["region"], 900)


def dsql_connect_admin(i):
    return client("dsql", i["region"]).generate_db_connect_admin_auth_token(i["hostname"], i["region"], 900)


def cache(service):
    def create(i):
        query = "&".join(f"{name}={value}" for name, value in i["params"].items())
        return presigned(service, i["region"], f"https://{i['cache']}/?{query}")

    return create


def aws(*args, stdin=""):
    from awscli.clidriver import create_clidriver

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    before = sys.stdin
    sys.stdin = io.StringIO(stdin)
    try:
        with contextlib.redirect_stdout(out):
            status = create_clidriver().main(list(args))
    finally:
        sys.stdin = before
    assert status == 0, status
    return out.buffer.getvalue().decode()


def eks(i):
    printed = json.loads(aws("eks", "get-token", "--cluster-name", i["cluster"], "--region", i["region"]))
    return printed["status"]["token"]


def codecommit(i):
    protocol, rest = i["url"].split("://")
    host, path = rest.split("/", 1)
    printed = aws("codecommit", "credential-helper", "get", stdin=f"protocol={protocol}\nhost={host}\npath={path}\n\n")
    return dict(line.split("=", 1) for line in printed.splitlines())


def bedrock(i):
    from datetime import timedelta

    from aws_bedrock_token_generator import provide_token

    return provide_token(region=i["region"], expiry=timedelta(seconds=i["expires"]))


def keyspaces(i):
    from cassandra_sigv4.auth import SigV4AuthProvider

    access_key, secret_key, token = TRIPLE
    provider = SigV4AuthProvider(
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        aws_session_token=token,
        region_name=i["region"],
    )
    return provider.new_authenticator("host").evaluate_challenge(i["challenge"])


def mongodb(i):
    from pymongo_auth_aws.auth import AwsCredential, _aws_auth_header

    return _aws_auth_header(AwsCredential(*TRIPLE), base64.b64decode(i["serverNonceBase64"]), i["stsHost"])


def vault(i):
    from hvac.api.auth_methods import Aws

    class Adapter:
        def login(self, url, use_token, json):
            return json

    return Aws(Adapter()).iam_login(*TRIPLE, header_value=i["serverId"], region=i["region"])


def google(i, signed):
    from google.auth import aws as auth

    class Supplier(auth.AwsSecurityCredentialsSupplier):
        def get_aws_security_credentials(self, context, request):
            return auth.AwsSecurityCredentials(*TRIPLE)

        def get_aws_region(self, context, request):
            return i["region"]

    if not signed:
        credentials = auth.Credentials(
            i["audience"],
            "urn:ietf:params:aws:token-type:aws4_request",
            aws_security_credentials_supplier=Supplier(),
        )
        return credentials.retrieve_subject_token(None)
    url = f"https://sts.{i['region']}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"
    options = auth.RequestSigner(i["region"]).get_request_options(
        auth.AwsSecurityCredentials(*TRIPLE),
        url,
        "POST",
        additional_headers={"x-goog-cloud-target-resource": i["audience"]},
    )
    headers = [{"key": key, "value": value} for key, value in options["headers"].items()]
    return json.dumps({"url": url, "method": "POST", "headers": headers})


def msk(i):
    from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
    from botocore.credentials import CredentialProvider, Credentials

    class Provider(CredentialProvider):
        def load(self):
            return Credentials(*TRIPLE)

    return MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(i["region"], Provider())[0]


SIGNERS = {
    "rds": rds,
    "dsql-connect": dsql_connect,
    "dsql-connect-admin": dsql_connect_admin,
    "elasticache": cache("elasticache"),
    "elasticache-serverless": cache("elasticache"),
    "memorydb": cache("memorydb"),
    "eks": eks,
    "codecommit": codecommit,
    "bedrock-api-key": bedrock,
    "keyspaces": keyspaces,
    "mongodb-aws": mongodb,
    "vault": vault,
    "gcp-wif": lambda i: google(i, True),
    "gcp-wif-google-auth-library": lambda i: google(i, False),
    "msk": msk,
}

results = []
with freeze_time(given["signingDate"]):
    for case in given["cases"]:
        results.append(SIGNERS[case["id"]](case["input"]))
print("RESULTS " + json.dumps(results))
