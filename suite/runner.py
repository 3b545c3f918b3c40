#!/usr/bin/env python3
"""Sends the tests of the suite to an S3-compatible server, and reports the results that differ.

    AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… python3 suite/runner.py http://127.0.0.1:9000 --bucket test

It needs only Python 3.8 or later. It writes objects below a new prefix of the bucket, and deletes them at the end. Every
request has a connection of its own, which is not reused. Tests that need a session token run only with AWS_SESSION_TOKEN.

Exit status: 0 if no result is wrong, 1 if any is, 2 for a usage error or a server that rejects valid requests.
"""

import argparse
import base64
import collections
import calendar
import email.utils
import hashlib
import hmac
import html
import json
import os
import pathlib
import re
import secrets
import socket
import ssl
import sys
import time
import urllib.parse

HOLE = re.compile(r"\{\{(?:(\w+) )?([A-Za-z]\w*)([+-]\d+)?\}\}")
KEY = ["AWS4{{secretAccessKey}}", "{{day}}", "{{region}}", "{{service}}", "aws4_request"]
TIMES = {
    "time": "%Y%m%dT%H%M%SZ",
    "day": "%Y%m%d",
    "iso": "%Y-%m-%dT%H:%M:%SZ",
    "httpDate": "%a, %d %b %Y %H:%M:%S GMT",
}
# Longer responses are not read to their end.
MAX_LENGTH = 4 * 1024 * 1024
# A larger difference is a wrong date, not a wrong clock: the server could choose the signing time of requests.
MAX_SKEW = 86400


# Strings are bytes: one character of U+0000 to U+00FF each.
def to_bytes(text):
    return text.encode("latin1")


FUNCTIONS = {
    None: lambda text: text,
    "sha256": lambda text: hashlib.sha256(to_bytes(text)).hexdigest(),
    "base64": lambda text: base64.b64encode(to_bytes(text)).decode(),
    "uri": lambda text: urllib.parse.quote(to_bytes(text), safe="-._~"),
    "length": lambda text: str(len(text)),
    "upper": str.upper,
    "cut": lambda text: text[:-1],
    "flip": lambda text: text[:-1] + "%x" % ((int(text[-1], 16) + 1) % 16),
}


def fill(test, text, setting, now):
    """Computes the steps of a test in their order, and replaces the holes of a text."""
    known = dict(setting)

    def value(match):
        function, name, offset = match.groups()
        if name in TIMES:
            found = time.strftime(TIMES[name], time.gmtime(now + int(offset or 0)))
        else:
            found = known[name]
        return FUNCTIONS[function](found)

    def filled(part):
        return HOLE.sub(value, part)

    for step in test["sign"]:
        if "hmac" in step:
            key, *parts = [to_bytes(filled(part)) for part in step.get("key", KEY)]
            for part in parts:
                key = hmac.new(key, part, "sha256").digest()
            result = hmac.new(key, to_bytes(filled(step["hmac"])), "sha256").hexdigest()
        elif "hmacSha1" in step:
            digest = hmac.new(to_bytes(setting["secretAccessKey"]), to_bytes(filled(step["hmacSha1"])), "sha1").digest()
            result = base64.b64encode(digest).decode()
        elif "base64" in step:
            result = FUNCTIONS["base64"](filled(step["base64"]))
        else:
            result = filled(step["text"])
        known[step["name"]] = result
    return filled(text)


class Server:
    def __init__(self, url, timeout):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            sys.exit("The URL must start with http:// or https://")
        self.is_secure = parts.scheme == "https"
        self.address = (parts.hostname, parts.port or (443 if self.is_secure else 80))
        self.name = parts.netloc
        self.timeout = timeout

    def send(self, text):
        """Returns status, code, headers and body of a response; status 0 without a response."""
        received = b""
        deadline = time.monotonic() + self.timeout
        try:
            with socket.create_connection(self.address, self.timeout) as connection:
                if self.is_secure:
                    connection = ssl.create_default_context().wrap_socket(connection, server_hostname=self.address[0])
                connection.sendall(to_bytes(text))
                while len(received) < MAX_LENGTH and not is_complete(received, text.startswith("HEAD ")):
                    connection.settimeout(max(deadline - time.monotonic(), 0.001))
                    piece = connection.recv(65536)
                    if not piece:
                        break
                    received += piece
        except OSError:
            pass  # what was received before it counts
        head, _, body = received.decode("latin1").partition("\r\n\r\n")
        status = re.match(r"HTTP/1\.\d (\d+)", head)
        code = re.search(r"<Code>(\w+)</Code>", body)
        return int(status[1]) if status else 0, code[1] if code else None, head, body


def is_complete(received, is_head):
    head, separator, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"^content-length: *(\d+)", head, re.I | re.M)
    return bool(separator) and (is_head or (length is not None and len(body) >= int(length[1])))


def with_key(test, old, key, body=None):
    """Returns a valid test for a different key, and with a different body."""

    def replace(text):
        text = text.replace(old, key)
        return text if body is None else text.replace("written", body)

    steps = [{**step, **{"text": replace(step["text"])}} if "text" in step else step for step in test["sign"]]
    return {"sign": steps, "send": replace(test["send"])}


def keys_of(test):
    """Returns the keys, percent-encoded and after the prefix, that a test writes if a server accepts it."""
    if test["send"].startswith(("GET ", "HEAD ")):
        return set()
    path = re.match(r"\w+ \{\{path\}\}/\{\{prefix\}\}([^? ]*)", test["send"])
    keys = {urllib.parse.unquote(path[1], "latin1")} if path else set()
    keys |= {key.replace("+", " ") for key in keys}  # S3 reads a plus sign as a space
    form = next((step.get("text", "") for step in test["sign"] if step["name"] == "body"), "")
    filename = re.search(r'; filename="([^"]*)"', form)
    for key in re.findall(r'; name="key"\r\n\r\n\{\{prefix\}\}(.*?)\r\n', form, re.I):
        keys |= {key, key.replace("${filename}", filename[1] if filename else "")}  # not every server replaces it
    return {quoted(key) for key in keys if key}


def quoted(key):
    return urllib.parse.quote(to_bytes(key), safe="/-._~")


def skew_of(head):
    """Returns the seconds by which the clock of the server is ahead, from the headers of a response."""
    date = re.search(r"^date: *(.+?)\r?$", head, re.I | re.M)
    parsed = email.utils.parsedate(date[1]) if date else None
    try:
        skew = calendar.timegm(parsed) - time.time() if parsed else 0.0
    except (ValueError, OverflowError):  # a date that does not exist
        return 0.0
    return skew if abs(skew) <= MAX_SKEW else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "us-east-1"))
    parser.add_argument("--virtual-host", action="store_true", help="the host of the URL names the bucket")
    parser.add_argument("--only", default="", help="classes, or starts of IDs, separated by commas")
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--verbose", action="store_true", help="print every result")
    parser.add_argument("files", nargs="*", help="default: all files next to this script")
    options = parser.parse_args()
    folder = pathlib.Path(__file__).parent
    files = options.files or sorted(folder.glob("s3-*.json"))
    groups = [group for file in files for group in json.loads(pathlib.Path(file).read_text("utf-8"))["testGroups"]]
    groups = [group for group in groups if group["profile"] in ("s3", "s3-post")]
    controls = json.loads((folder / "s3-header.json").read_text("utf-8"))["testGroups"][0]["tests"]
    controls = {test["id"]: test for test in controls}

    server = Server(options.url, options.timeout)
    credentials = {
        "accessKeyId": os.environ.get("AWS_ACCESS_KEY_ID", ""),
        "secretAccessKey": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
    }
    token = os.environ.get("AWS_SESSION_TOKEN")
    if not all(credentials.values()):
        sys.exit("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    base = {
        **credentials,
        "host": server.name,
        "bucket": options.bucket,
        "path": "" if options.virtual_host else "/" + options.bucket,
        "prefix": "suite-" + secrets.token_hex(4) + "/",
        "region": options.region,
        "service": "s3",
    }
    # The clock is that of the server.
    offset = skew_of(server.send("GET / HTTP/1.1\r\nHost: " + server.name + "\r\nConnection: close\r\n\r\n")[2])

    def control(name, setting, key, body=None):
        old = "read.txt" if name == "header/get" else "up.txt"
        if name == "header/delete":
            setting = {**setting, "prefix": ""}
            old = "{{prefix}}up.txt"
        test = with_key(controls[name], old, key, body)
        return server.send(fill(test, test["send"], setting, time.time() + offset))

    accepted = {}
    counts = collections.defaultdict(collections.Counter)
    stored = set()
    possible = set()
    wrong = []
    only = [word for word in options.only.split(",") if word]
    try:
        for group in groups:
            for test in group["tests"]:
                is_selected = not only or any(test["id"].startswith(word) or word in test["flags"] for word in only)
                needs_token = "needs" in test
                if test.get("live") is False or "send" not in test or (needs_token and not token):
                    continue
                is_sibling = any(test["id"] == other.get("of") for other in group["tests"])
                if not is_selected and not is_sibling:
                    continue
                prefix = base["prefix"] + test["id"].replace("/", "-") + "/"
                setting = {**base, "prefix": prefix, **({"sessionToken": token} if needs_token else {})}
                for item in group["objects"]:
                    stored.add(prefix + item["key"])
                    status = control("header/put", setting, item["key"], item["body"])[0]
                    if status != 200:
                        print(f"The server rejects a valid write: status {status}")
                        return 2
                possible |= {prefix + key for key in keys_of(test)}
                status, code, _, _ = server.send(fill(test, test["send"], setting, time.time() + offset))
                is_accepted = accepted[test["id"]] = 200 <= status < 400
                if is_accepted or status == 0:
                    stored |= {prefix + key for key in keys_of(test)}
                verdict = judge(test, status, is_accepted, accepted)
                effect = ""
                if verdict == "wrong" and is_accepted and "proof" in test:
                    found = control("header/get", setting, test["proof"]["get"])
                    is_proven = proves(test["proof"], group["objects"], found)
                    effect = ", and the fault took effect" if is_proven else ", without an effect"
                for flag in test["flags"]:
                    counts[flag][verdict] += 1
                if verdict == "wrong" or options.verbose:
                    wrong += [test["id"]] if verdict == "wrong" else []
                    said = f"{status} {code or ''}".strip()
                    print(f"{verdict}: {test['id']} is {test['result']}, got {said}{effect}\n    {test['comment']}")
    finally:
        # What was stored, and what the server lists of the keys that tests have chosen. It is not trusted with other keys.
        requested, found = set(), set()
        left = stored
        while left:
            for key in left:
                control("header/delete", base, key)
            requested |= left
            listed = fill(controls["header/list"], controls["header/list"]["send"], base, time.time() + offset)
            found = re.findall(r"<Key>([^<]*)</Key>", server.send(listed)[3])[:1000]
            # The body has a character for each byte, but a reference in it is a character of UTF-8.
            found = {urllib.parse.quote(html.unescape(to_bytes(key).decode("utf-8", "replace")), safe="/-._~") for key in found}
            found = {key for key in found if key.startswith(base["prefix"])}
            left = found & possible - requested
        for key in sorted(found):
            print(f"Not deleted: {key[:1024]}")
    for flag, count in counts.items():
        print(f"{flag:22}" + ", ".join(f"{number} {verdict}" for verdict, number in sorted(count.items())))
    total = sum((count for count in counts.values()), collections.Counter())
    print(f"{total['right']} right, {len(wrong)} wrong, {total['untested']} untested, {total['error']} errors, {total['either']} either")
    return 1 if wrong else 0


def proves(proof, objects, found):
    """Returns whether an object that was read shows that the fault took effect."""
    _, _, head, body = found
    if "is" in proof:
        return body == next(item["body"] for item in objects if item["key"] == proof["is"])
    name, value = map(re.escape, proof["has"].split(": "))
    return re.search("^" + name + ": *" + value + " *\r?$", head, re.I | re.M) is not None


def judge(test, status, is_accepted, accepted):
    """An invalid test counts only if its valid sibling was accepted, and the server supports the operation."""
    if test["result"] == "acceptable":
        return "either"
    if status in (404, 405, 501):
        return "untested"
    if test["result"] == "valid":
        return "right" if is_accepted else "wrong"
    if not accepted.get(test["of"], True):
        return "untested"
    if status == 0 or status >= 500:
        return "error"  # rejected, but by accident
    return "wrong" if is_accepted else "right"


if __name__ == "__main__":
    sys.exit(main())
