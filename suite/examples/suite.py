import json
import socket
import sys

_, port, file = sys.argv


# Your verifier: pass it the bytes, and the clock, the keys, the region, and the service in the setting.
def is_accepted(request, setting):
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=2) as connection:
            connection.sendall(request)
            return connection.makefile("rb").readline()[9:10] in (b"2", b"3")
    except OSError:  # such as a server that waits for the rest of a body that is too short
        return False


wrong = 0
for group in json.load(open(file, encoding="utf-8"))["testGroups"]:
    for test in group["tests"]:
        if test["result"] == "acceptable" or "layer" in test:
            continue
        if is_accepted(test["http"].encode("latin1"), group["setting"]) != (test["result"] == "valid"):
            wrong += 1
            print(f"{test['id']} is {test['result']}: {test['comment']}")
sys.exit(1 if wrong else 0)
