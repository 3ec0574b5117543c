#!/usr/bin/env python3
"""The officers' doors of a real node, called by other people's tools: openssl signs, Python's own HTTP client asks.

usage: doors.py COMITY DATA
"""
import base64
import datetime
import hashlib
import http.client
import json
import pathlib
import secrets
import socket
import subprocess
import sys
import tempfile

from two_nodes import Node, free_port


class Socket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(self.path))


def signed(node, name, method, target, body=b"", hash_text=None, state="KGZ", late_s=0):
    """The header of a call, made with openssl and nothing of ours."""
    key = node.key(name)
    der = subprocess.run(["openssl", "x509", "-in", f"{key}.crt", "-outform", "DER"], capture_output=True, check=True)
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=late_s)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"
    nonce = secrets.token_hex(16)
    text = f"comity-call/1\n{method}\n{target}\n{state}\n{stamp}\n{nonce}\n{hash_text or hashlib.sha256(body).hexdigest()}\n"
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(), capture_output=True,
                               check=True).stdout
    fingerprint = hashlib.sha256(der.stdout).hexdigest()
    return {"comity-officer": f"v1 {fingerprint} {stamp} {nonce} {base64.b64encode(signature).decode()}"}


def ask(door, method, target, headers=None, body=None, status=200, code=None):
    door.request(method, target, body, headers or {})
    answer = door.getresponse()
    raw = answer.read()
    said = json.loads(raw) if raw else {}
    assert answer.status == status, f"{method} {target}: {answer.status} {said}"
    if code:
        assert answer.getheader("content-type") == "application/problem+json"
        assert (said["code"], said["type"], said["status"]) == (code, f"urn:comity:error:{code}", status), said
    return said


def check_signatures(node, door):
    target = "/v1/exchanges?side=requester&phase=open"
    headers = signed(node, "a", "GET", target)
    assert ask(door, "GET", target, headers)["exchanges"] == []
    refused = {"status": 401, "code": "request.unauthenticated"}
    ask(door, "GET", target, headers, **refused)  # the same call again
    ask(door, "GET", "/v1/exchanges?side=requester", signed(node, "a", "GET", target), **refused)
    ask(door, "GET", target, signed(node, "a", "GET", target, state="BFA"), **refused)
    ask(door, "GET", target, signed(node, "a", "GET", target, late_s=-180), **refused)
    ask(door, "GET", target, signed(node, "a", "GET", target, late_s=180), **refused)
    ask(door, "GET", target, signed(node, "a", "GET", target, hash_text="bulk"), **refused)
    ask(door, "GET", target, **refused)
    body = b'{"measure":"preservation","fields":{}}'
    headers = signed(node, "a", "POST", "/v1/check", body)
    assert ask(door, "POST", "/v1/check", headers, body)["gaps"]
    ask(door, "POST", "/v1/check", signed(node, "a", "POST", "/v1/check", body), body + b" ", **refused)


def check_shapes(node, door):
    ask(door, "GET", "/v1/nothing", status=404, code="request.not_found")
    ask(door, "GET", "/comity/v1/entry", status=404, code="request.not_found")
    ask(door, "PATCH", "/v1/drafts", status=405, code="request.method")
    ask(door, "GET", "/v1/exchanges?colour=red", status=400, code="request.usage")
    ask(door, "POST", "/v1/drafts", body=b"{", status=400, code="format.json")
    ask(door, "GET", "/v1/drafts/00", signed(node, "a", "GET", "/v1/drafts/00"), status=404, code="request.not_found")
    ask(door, "POST", "/v1/check", signed(node, "x", "POST", "/v1/check", b"{}"), b"{}", status=403, code="officer.role")


def check_tokens(node, door, console):
    assert ask(console, "GET", "/healthz")["status"] == "ok"
    ask(console, "GET", "/v1/status", status=401, code="request.unauthenticated")
    ask(door, "POST", "/v1/tokens", status=401, code="request.unauthenticated")
    token = ask(door, "POST", "/v1/tokens", signed(node, "a", "POST", "/v1/tokens"), status=201)["token"]
    bearer = {"authorization": f"Bearer {token}"}
    assert ask(console, "GET", "/v1/status", bearer)["exercise"] is True
    ask(console, "POST", "/v1/tokens", bearer, status=401, code="request.unauthenticated")
    ask(door, "GET", "/v1/exchanges", bearer, status=401, code="request.unauthenticated")
    other = {"authorization": f"Bearer {token[:-1]}{'0' if token[-1] != '0' else '1'}"}
    ask(console, "GET", "/v1/status", other, status=401, code="request.unauthenticated")
    ask(console, "GET", "/v1/status", bearer | {"origin": "http://evil.example"}, status=403, code="request.forbidden")
    return bearer


def check_events(node, console, bearer):
    console.request("GET", "/v1/events", headers=bearer)
    events = console.getresponse()
    assert events.getheader("content-type") == "text/event-stream"
    assert events.readline() == b"retry: 2000\n" and events.readline() == b"\n"
    other = pathlib.Path(node.home.parent / "bfa-home")
    Node.make(other, "BFA", free_port())
    fingerprint = json.loads(node.tool("root", "show", other / "root", "--json"))["fingerprint"]
    node.do("directory", "accept", other / "entry.p7m", "--fingerprint", fingerprint, "--how", "by telephone",
            by=("a", "b"))
    assert events.readline() == b"event: directory\n"
    assert json.loads(events.readline().removeprefix(b"data: ")) == {"kind": "directory", "partner": "BFA"}
    assert events.readline() == b"\n"
    return events


def main():
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        port = free_port()
        node = Node(pathlib.Path(folder), "KGZ", "Kyrgyz Republic", "--console", f"127.0.0.1:{port}")
        node.serve(f"console at 127.0.0.1:{port} (EXERCISE)\n")
        try:
            for name, role, by in (("a", "approver", ()), ("b", "approver", ()), ("x", "executor", ("a", "b"))):
                node.officer(name, role, by=by)
            door, console = Socket(node.home / "socket"), http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            check_signatures(node, door)
            check_shapes(node, door)
            bearer = check_tokens(node, door, console)
            events = check_events(node, http.client.HTTPConnection("127.0.0.1", port, timeout=30), bearer)
            node.stop()
            assert events.read().replace(b":\n\n", b"") == b""  # it ended as a whole answer
            node.serve("(EXERCISE)\n")
            console = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            assert ask(console, "GET", "/v1/status", bearer)["officers"] == 3  # a token outlives a restart
            node.stop()
        finally:
            node.end()
    print("doors: calls signed by openssl, tokens, events: all as told")


main()
