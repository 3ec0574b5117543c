#!/usr/bin/env python3
"""The officers' doors of a real node, called by other people's tools: openssl signs, Python's own HTTP client asks.

usage: doors.py COMITY DATA
"""
import base64
import http.client
import json
import pathlib
import subprocess
import tempfile

from api import NOTICE, Socket, ask, signed
from two_nodes import Node, free_port


def check_the_last_two(node, door):
    first = node.json("officer", "list")["officers"][0]["officer"]
    node.do("officer", "revoke", first, "--reason", "Left the service", by=("a", "b"), fails="officer.last")
    assert node.json("status")["officers"] == 2
    (left,) = ask(door, "GET", "/v1/drafts", signed(node, "a", "GET", "/v1/drafts"))["drafts"]  # signed, not carried out
    target = f"/v1/drafts/{left['draft']}"
    ask(door, "DELETE", target, signed(node, "a", "DELETE", target))


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
    ask(door, "GET", "/v1/directory/BFA", signed(node, "a", "GET", "/v1/directory/BFA"), status=404,
        code="directory.unknown")
    ask(door, "GET", "/v1/drafts/00", signed(node, "a", "GET", "/v1/drafts/00"), status=404, code="request.not_found")
    ask(door, "POST", "/v1/check", signed(node, "x", "POST", "/v1/check", b"{}"), b"{}", status=403, code="officer.role")


def check_members(node, door):
    """A member that the node would not heed is refused before an officer signs it."""
    def post(target, body, **answer):
        raw = json.dumps(body).encode()
        return ask(door, "POST", target, signed(node, "a", "POST", target, raw), raw, **answer)

    refused = {"status": 400, "code": "format.field"}
    digest, item = "ab" * 32, "cd" * 16
    certificate = pathlib.Path(f"{node.key('a')}.crt").read_text()
    entry = base64.b64encode((node.home / "entry.p7m").read_bytes()).decode()
    statements = [
        {"kind": "officer.add", "certificate": certificate},
        {"kind": "officer.revoke", "certificate": digest, "reason": "It was lost."},
        {"kind": "entry.revoke", "file": base64.b64encode(b"{}").decode()},
        {"kind": "callback.record", "state": "BFA", "words": "Called."},
        {"kind": "item.destroy", "item": item, "remains": "Nothing."},
        {"kind": "entry.renew", "p7m": entry},
    ]
    for statement in statements:
        statement["type"] = "statement"
        if statement["kind"] == "item.destroy":  # read whole, and then there is no such item
            post("/v1/drafts", statement, status=404, code="evidence.unknown")
        elif statement["kind"] == "entry.renew":  # read whole, and then it is the one in force
            post("/v1/drafts", statement, status=409, code="directory.serial")
        else:
            draft = post("/v1/drafts", statement)["draft"]
            ask(door, "DELETE", f"/v1/drafts/{draft}", signed(node, "a", "DELETE", f"/v1/drafts/{draft}"))
        # What another kind says, what the node itself adds, what nobody knows.
        for more in ({"how": "By telephone."}, {"made_at": "2020-01-01T00:00:00Z"}, {"draft": item}, {"nota": "bene"}):
            post("/v1/drafts", statement | more, **refused)
        for name in statement:
            post("/v1/drafts", {key: value for key, value in statement.items() if key != name}, **refused)
    accept = {"type": "statement", "kind": "entry.accept", "p7m": entry, "fingerprint": digest, "how": "By telephone."}
    post("/v1/drafts", accept | {"words": "x"}, **refused)
    post("/v1/directory/consider", {"p7m": entry, "how": "x"}, **refused)
    post(f"/v1/exchanges/{item}/exports", {"for": "court", "hours": 8}, **refused)
    post(f"/v1/drafts/{item}/send", {"at_once": True}, **refused)
    post("/v1/tokens", {"hours": 80}, **refused)
    assert ask(door, "GET", "/v1/drafts", signed(node, "a", "GET", "/v1/drafts"))["drafts"] == []


def check_signing(node, door):
    """What an officer's key signs is the draft's content and nothing else; and what is no signature is none."""
    def post(target, value, by="a", **answer):
        raw = json.dumps(value).encode()
        return ask(door, "POST", target, signed(node, by, "POST", target, raw), raw, **answer)

    certificate = pathlib.Path(f"{node.key('a')}.crt").read_text()
    made = post("/v1/drafts", {"type": "statement", "kind": "officer.add", "certificate": certificate})
    content = base64.b64decode(made["content"])
    target = f"/v1/drafts/{made['draft']}"

    def by_openssl(text):
        cms = subprocess.run(["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-nosmimecap", "-cades", "-md", "sha256",
                              "-signer", f"{node.key('a')}.crt", "-inkey", node.key("a")],
                             input=text, capture_output=True, check=True).stdout
        return base64.b64encode(cms).decode()

    for text in (content + b" ", b"", content.swapcase()):
        post(f"{target}/signatures", {"duty": "approver", "signature": by_openssl(text)}, status=403, code="officer.signature")
    noise = base64.b64encode(bytes(70)).decode()
    post(f"{target}/signatures", {"duty": "approver", "signature": noise}, status=403, code="officer.signature")
    right = post(f"{target}/signatures", {"duty": "approver", "signature": by_openssl(content)})
    assert right == {"complete": False, "missing": ["second-approver"]}
    post(f"{target}/send", {}, status=403, code="officer.two")
    ask(door, "DELETE", target, signed(node, "a", "DELETE", target))


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
    notice = json.loads(events.readline().removeprefix(b"data: "))
    assert notice == {"kind": "directory", "partner": "BFA"}
    NOTICE.validate(notice)
    assert events.readline() == b"\n"
    return events


def main():
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        port = free_port()
        node = Node(pathlib.Path(folder), "KGZ", "Kyrgyz Republic", "--console", f"127.0.0.1:{port}")
        node.serve(f"console at 127.0.0.1:{port} (EXERCISE)\n")
        try:
            for name in ("a", "b"):
                node.officer(name, "approver")
            door, console = Socket(node.home / "socket"), http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            check_the_last_two(node, door)
            node.officer("x", "executor", by=("a", "b"))
            check_signatures(node, door)
            check_shapes(node, door)
            check_members(node, door)
            check_signing(node, door)
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
