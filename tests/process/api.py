"""The API as other people's tools ask it: openssl signs, Python's own HTTP client asks, and every answer is held against
spec/openapi.yaml. What the specification does not name is as wrong as what it names and an answer lacks.
"""
import base64
import datetime
import hashlib
import http.client
import json
import pathlib
import re
import secrets
import socket
import subprocess

import jsonschema
import yaml

SPEC = yaml.safe_load((pathlib.Path(__file__).parents[2] / "spec/openapi.yaml").read_text())


def resolved(schema):
    while "$ref" in schema:
        found = SPEC
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        schema = found
    return schema


def has_members(schema):
    schema = resolved(schema)
    return "properties" in schema or any(has_members(one) for word in ("allOf", "oneOf", "anyOf")
                                         for one in schema.get(word, ()))


def closed(schema):
    """The schema, and no member beyond those that it names, at any depth."""
    if not isinstance(schema, dict):
        return schema
    schema = dict(schema)
    if "properties" in schema:
        schema["properties"] = {name: whole(one) for name, one in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        schema["items"] = whole(schema["items"])
    for word in ("allOf", "oneOf", "anyOf"):
        if word in schema:
            schema[word] = [closed(one) for one in schema[word]]
    return schema


def whole(schema):
    inner = closed(schema)
    return {"allOf": [inner], "unevaluatedProperties": False} if has_members(schema) else inner


def validator(schema):
    components = {name: closed(one) for name, one in SPEC["components"]["schemas"].items()}
    return jsonschema.Draft202012Validator(whole(schema) | {"components": {"schemas": components}})


NOTICE = validator({"$ref": "#/components/schemas/Notice"})
PROBLEM = validator({"$ref": "#/components/schemas/Problem"})


class Operation:
    """One method of one path of the specification."""

    def __init__(self, method, path, said):
        self.name = f"{method.upper()} {path}"
        self.method = method.upper()
        self.path = re.compile(re.sub(r"\\{[a-z]+\\}", "(.+)", re.escape(path)) + "$")
        self.fixed = len(re.sub(r"\{[^}]*\}", "", path))
        body = resolved(said.get("requestBody", {})).get("content", {}).get("application/json")
        self.body = validator(body["schema"]) if body else None
        self.answers = {}
        self.kinds = {}
        for status, answer in said["responses"].items():
            self.kinds[status] = set(resolved(answer).get("content", {}))
            content = resolved(answer).get("content", {}).get("application/json", {})
            if status.isdigit() and "schema" in content:
                self.answers[int(status)] = validator(content["schema"])


OPERATIONS = [Operation(method, path, said) for path, methods in SPEC["paths"].items() for method, said in methods.items()
              if method != "parameters"]
seen = set()


def operation(method, target):
    path = target.split("?")[0]
    fitting = [one for one in OPERATIONS if one.method == method and one.path.match(path)]
    return max(fitting, key=lambda one: one.fixed, default=None)


class Socket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(self.path))


def signed(node, name, method, target, body=b"", hash_text=None, state=None, late_s=0):
    """The header of a call, made with openssl and nothing of ours."""
    key = node.key(name)
    der = subprocess.run(["openssl", "x509", "-in", f"{key}.crt", "-outform", "DER"], capture_output=True, check=True)
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=late_s)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"
    nonce = secrets.token_hex(16)
    text = f"comity-call/1\n{method}\n{target}\n{state or node.state}\n{stamp}\n{nonce}\n{hash_text or hashlib.sha256(body).hexdigest()}\n"
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(), capture_output=True,
                               check=True).stdout
    fingerprint = hashlib.sha256(der.stdout).hexdigest()
    return {"comity-officer": f"v1 {fingerprint} {stamp} {nonce} {base64.b64encode(signature).decode()}"}


def ask(door, method, target, headers=None, body=None, status=200, code=None):
    """Asks, and holds question and answer against the specification."""
    door.request(method, target, body, headers or {})
    answer = door.getresponse()
    raw = answer.read()
    kind = answer.getheader("content-type")
    said = json.loads(raw) if raw and "json" in kind else raw
    assert answer.status == status, f"{method} {target}: {answer.status} {said}"
    asked = operation(method, target)
    if status >= 400:
        PROBLEM.validate(said)
        assert kind == "application/problem+json" and said["status"] == status, said
        assert said["type"] == f"urn:comity:error:{said['code']}", said
    elif status in asked.answers:
        asked.answers[status].validate(said)
        if asked.body and body:
            asked.body.validate(json.loads(body))
        seen.add(asked.name)
    else:
        assert kind.split(";")[0] in asked.kinds[str(status)], f"{asked.name}: {kind}"
        seen.add(asked.name)
    if code:
        assert said["code"] == code, said
    return said


class Caller:
    """One officer's calls at one node's socket."""

    def __init__(self, node, name):
        self.node, self.name, self.door = node, name, Socket(node.home / "socket")

    def ask(self, method, target, value=None, **expected):
        body = json.dumps(value).encode() if value is not None else b""
        return ask(self.door, method, target, signed(self.node, self.name, method, target, body), body or None, **expected)

    def get(self, target, **expected):
        return self.ask("GET", target, **expected)

    def put(self, target, content, **expected):
        headers = signed(self.node, self.name, "PUT", target, hash_text="bulk")
        return ask(self.door, "PUT", target, headers, content, **expected)
