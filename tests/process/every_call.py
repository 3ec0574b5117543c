"""Every call of spec/openapi.yaml, asked of two real nodes that have an exchange behind them."""
import base64
import hashlib
import json
import subprocess
import tempfile

import api
from api import Caller, ask, signed


# Asked in live.py, of an item that grows.
LIVE = {"POST /v1/exchanges/{exchange}/live", "PUT /v1/items/{item}/records", "GET /v1/items/{item}/records",
        "GET /v1/items/{item}/heads", "POST /v1/items/{item}/end"}
# Asked in scrub.py, of an item that is damaged.
DAMAGED = {"POST /v1/items/{item}/refetch"}
# Asked in first.py, of an item that is large and has not arrived.
ON_THE_WAY = {"POST /v1/items/{item}/first", "DELETE /v1/items/{item}/first"}
READER = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"  # of age's own documentation


def sign(caller, draft, duty):
    """An officer with a stock openssl and nothing of ours."""
    key = caller.node.key(caller.name)
    with tempfile.NamedTemporaryFile() as content:
        content.write(base64.b64decode(draft["content"]))
        content.flush()
        done = subprocess.run(["openssl", "cms", "-sign", "-binary", "-cades", "-nosmimecap", "-md", "sha256", "-outform", "DER",
                               "-signer", f"{key}.crt", "-inkey", key, "-in", content.name], capture_output=True, check=True)
    signature = {"duty": duty, "signature": base64.b64encode(done.stdout).decode()}
    return caller.ask("POST", f"/v1/drafts/{draft['draft']}/signatures", signature)


def read(node, other, exchange, item):
    a = Caller(node, "a")
    for target in ("/healthz", "/v1/status", "/v1/health", "/v1/restored", "/v1/measures", "/v1/officers", "/v1/directory", f"/v1/directory/{other.state}",
                   "/v1/drafts", "/v1/exchanges", f"/v1/exchanges?partner={other.state}&phase=delivered",
                   f"/v1/exchanges/{exchange}", "/v1/items", "/v1/due", "/v1/statistics",
                   "/v1/statistics?published=true&from=2026-01-01T00:00:00Z",
                   f"/v1/items?exchange={exchange}", f"/v1/items/{item}", f"/v1/items/{item}/sealed",
                   "/v1/logs/internal/entries?from=0&to=1000", f"/v1/logs/partner/{other.state}/entries"):
        a.get(target)
    assert a.get("/v1/due.ics").startswith(b"BEGIN:VCALENDAR\r\n")
    chunks = a.get(f"/v1/items/{item}")["manifest"]["chunks"]
    a.get(f"/v1/items/{item}/tiles/0/000.p/{chunks}")
    target = f"/v1/items/{item}/sealed"
    ask(a.door, "GET", target, signed(node, "a", "GET", target) | {"Range": "bytes=99999999999-"}, status=416)
    for purpose in ("court", "defence"):
        a.ask("POST", f"/v1/exchanges/{exchange}/exports", {"for": purpose})
    export(a, exchange)


def export(a, exchange):
    """Withheld and for a reader of its own, by calls alone; what does not belong to it is not signed."""
    order = {"for": "defence", "recipient": READER, "withhold": [{"act": "request", "part": "persons", "why": "a witness"}]}
    order["withhold"][0]["part"] = a.get(f"/v1/exchanges/{exchange}")["acts"][0]["parts"][0]["name"]
    made = a.ask("POST", f"/v1/exchanges/{exchange}/exports", order)
    files = f"/v1/exports/{made['export']}/files/"
    for row in made["index"]["files"]:
        assert hashlib.sha256(a.get(files + row["path"])).hexdigest() == row["sha256"], row
    withheld = next(row["path"] for row in made["index"]["absent"] if row["why"] == "withheld: a witness")
    assert any(row["role"] == "header" for row in made["index"]["files"])
    ask(a.door, "GET", files + withheld, signed(a.node, "a", "GET", files + withheld), status=404)
    fetched = []
    for reference in made["references"]:
        if reference["kind"] == "sealed":
            sealed = a.get(f"/v1/items/{reference['item']}/sealed")
            fetched.append({"path": reference["path"], "sha256": hashlib.sha256(sealed).hexdigest(), "size": len(sealed)})
    index = f"/v1/exports/{made['export']}/index"
    for wrong in ([], fetched + fetched[:1], [fetched[0] | {"size": 1}], fetched + [fetched[0] | {"path": withheld}]):
        a.ask("POST", index, {"files": wrong}, status=409)
    assert a.ask("POST", index, {"files": fetched})["p7m"]


def ask_for_more(node, other, form):
    """A request and a statement, from the first word to the last, by calls alone."""
    a = Caller(node, "a")
    assert a.ask("POST", "/v1/check", {"measure": "stored-data", "fields": {}})["gaps"]
    request = {"type": "request", "to": other.state, "measure": "preservation", "fields": form}
    dropped = a.ask("POST", "/v1/drafts", request)["draft"]
    a.ask("DELETE", f"/v1/drafts/{dropped}")
    made = a.ask("POST", "/v1/drafts", request)
    draft = a.get(f"/v1/drafts/{made['draft']}")
    bound = {part["name"]: part for part in json.loads(base64.b64decode(draft["content"]))["parts"]}
    assert draft["parts"] and bound.keys() == {part["name"] for part in draft["parts"]}
    for part in draft["parts"]:
        salted = base64.b64decode(part["salt"]) + base64.b64decode(part["bytes"])
        assert hashlib.sha256(salted).hexdigest() == bound[part["name"]]["digest"], part["name"]
    for name in draft["missing"]:
        sign(a, draft, name)
    sent = a.ask("POST", f"/v1/drafts/{draft['draft']}/send")
    node.do("request", "wait", sent["exchange"], "--act", "request", "--standing", "receipted", "--deadline-s", "60")
    called = {"type": "statement", "kind": "callback.record", "state": other.state, "words": "Called the duty officer."}
    statement = a.ask("POST", "/v1/drafts", called)
    assert sign(a, statement, *statement["missing"])["complete"]
    assert a.ask("POST", f"/v1/drafts/{statement['draft']}/send", {})["done"]


def add_item(node, exchange):
    x = Caller(node, "x")
    described = {"name": "list.txt", "media": "file", "custodian": "Mail Example", "collector": "Sgt. X", "tool": "imager 1.0",
                 "collected_at": "2026-03-09T08:30:00Z", "authorisation": "Order 77/2026",
                 "omissions": [{"what": "Page 2", "reason": "Of another case."}]}
    item = x.ask("POST", f"/v1/exchanges/{exchange}/items", described)["item"]
    assert x.put(f"/v1/items/{item}/content", b"user-4711\n")["state"] == "sealed"
    return item


def give_parts(node, item):
    """A part of an item, and the item for one more reader, by calls alone."""
    a, x = Caller(node, "a"), Caller(node, "x")
    assert len(base64.b64decode(a.get(f"/v1/items/{item}/part-key")["key"])) == 32
    part = {"first": 0, "end": 65_536, "sha256": "ab" * 32}
    papers = a.ask("POST", f"/v1/items/{item}/parts", part)
    assert hashlib.sha256(bytes.fromhex(papers["manifest_salt"]) + base64.b64decode(papers["manifest"])).hexdigest() in \
        str(base64.b64decode(papers["delivery"]))
    for wrong in ({"end": 1 << 50}, {"first": 65_536}, {"first": -1}, {"name": "x"}):
        a.ask("POST", f"/v1/items/{item}/parts", part | wrong, status=400, code="format.field")
    a.ask("POST", f"/v1/items/{item}/refetch", status=409, code="request.conflict")
    for method in ("POST", "DELETE"):
        a.ask(method, f"/v1/items/{item}/first", status=409, code="request.conflict")
    said = {"type": "statement", "kind": "item.share", "item": item, "recipient": READER, "state": node.state,
            "authority": "Regional Court of the exercise", "reason": "It hears the case."}
    a.ask("POST", "/v1/drafts", said | {"state": "LAO"}, status=403, code="request.forbidden")
    draft = x.ask("POST", "/v1/drafts", said)
    a.ask("POST", f"/v1/items/{item}/headers", {"permission": draft["draft"]}, status=403, code="officer.two")
    sign(x, draft, "executor")
    sign(a, draft, "approver")
    permission = a.ask("POST", f"/v1/drafts/{draft['draft']}/send", {})["permission"]
    header = base64.b64decode(a.ask("POST", f"/v1/items/{item}/headers", {"permission": permission}, status=201)["header"])
    assert header.startswith(b"age-encryption.org/v1\n-> X25519 "), header


def ask_live(node, exchange, item):
    """Of an item that is none: what each call of a live item says then."""
    x = Caller(node, "x")
    described = {"name": "flow.jsonl", "custodian": "Example Net", "collector": "Sgt. X", "tool": "probe 2.0",
                 "authorisation": "Order 78/2026", "records": "flow", "source": "Router 2", "scope": "Flows of 192.0.2.7",
                 "from": "2026-03-01T00:00:00Z", "until": "2099-03-31T00:00:00Z"}
    x.ask("POST", f"/v1/exchanges/{exchange}/live", described, status=400, code="format.manifest")
    x.get(f"/v1/items/{item}/records?from=2&as=events", status=409, code="evidence.ended")
    x.get(f"/v1/items/{item}/heads", status=409, code="evidence.ended")
    x.ask("POST", f"/v1/items/{item}/end", status=409, code="evidence.ended")
    x.put(f"/v1/items/{item}/records", b"", status=409, code="evidence.ended")


def ask_everything(asking, asked, exchange, item, form):
    Caller(asked, "a").get(f"/v1/exchanges/{exchange}/assessment")
    read(asked, asking, exchange, item)
    read(asking, asked, exchange, item)
    ask_for_more(asking, asked, form)
    Caller(asking, "a").get(f"/v1/items/{add_item(asked, exchange)}", status=404, code="evidence.unknown")
    Caller(asking, "a").get(f"/v1/items/{item}/content?purpose=open")
    give_parts(asking, item)
    ask_live(asked, exchange, item)
    a = Caller(asking, "a")
    renewed = asked.home.parent / "renewed.p7m"
    asked.tool("root", "entry", asked.home / "root", "--from", asked.home / "entry.p7m", "-o", renewed)
    offer = {"p7m": base64.b64encode(renewed.read_bytes()).decode()}
    assert a.ask("POST", "/v1/directory/consider", offer)["change"] == "renewal"
    a.ask("POST", "/v1/tokens", status=201)
    recipient = asking.tool("backup", "key", asking.home.parent / "backup.key", "-q").strip()
    order = {"file": str(asking.home.parent / "backup.age"), "recipients": [recipient], "evidence_keys": False}
    a.ask("POST", "/v1/backups", order, status=201)
    a.ask("POST", "/v1/backups", order, status=409, code="store.exists")
    a.ask("POST", "/v1/backups", order | {"evidence_keys": True}, status=403, code="officer.two")
    a.door.request("GET", "/v1/events", headers=signed(asking, "a", "GET", "/v1/events"))
    assert a.door.getresponse().getheader("content-type") == "text/event-stream"
    a.door.close()
    api.seen.add("GET /v1/events")
    unasked = {one.name for one in api.OPERATIONS} - api.seen - LIVE - DAMAGED - ON_THE_WAY
    assert not unasked, unasked
