#!/usr/bin/env python3
"""Whatever an officer reads of requests, drafts and items is in the log, with who; and lists go on page by page.

usage: reads.py COMITY DATA
"""

from api import Socket, ask, signed
from two_nodes import STORED_DATA, answers, play, trust, wait, write

READS = ("read.list", "read.request", "read.draft", "read.item", "decision.assessed")


def reads(node, since=0):
    entries = [row["entry"] for row in node.json("log", "entries", "internal")["entries"]]
    return [(entry["kind"], entry["facts"]) for entry in entries if entry["kind"] in READS][since:]


class Reader:
    """An officer who asks at the socket, and what the log then says of it."""

    def __init__(self, node, name):
        self.node, self.name = node, name
        self.door = Socket(node.home / "socket")
        (self.id,) = [one["officer"] for one in node.json("officer", "list")["officers"]
                      if one["name"] == f"{node.state} {name}"]

    def ask(self, target, **answer):
        return ask(self.door, "GET", target, signed(self.node, self.name, "GET", target, state=self.node.state), **answer)

    def get(self, target, *kinds):
        before = len(reads(self.node))
        answer = self.ask(target)
        logged = reads(self.node, before)
        assert [kind for kind, _ in logged] == list(kinds), f"{target}: {logged}"
        for kind, facts in logged:
            assert facts["officer"] == self.id, f"{target}: {facts}"
        return answer, [facts for _, facts in logged]


def pages(reader, kgz, exchanges):
    seen, after = [], ""
    while after is not None:
        page, (facts,) = reader.get(f"/v1/exchanges?limit=2{after and '&after='}{after}", "read.list")
        ids = [one["id"] for one in page["exchanges"]]
        assert (facts["of"], facts["count"], facts["first"], facts["last"]) == ("exchanges", len(ids), ids[0], ids[-1])
        seen += ids
        after = page["next"]
    assert len(seen) == len(exchanges) and set(seen) == set(exchanges), (seen, exchanges)
    page, (facts,) = reader.get(f"/v1/exchanges?id={exchanges[0][:12]}", "read.list")
    assert [one["id"] for one in page["exchanges"]] == exchanges[:1] and page["next"] is None
    page, (facts,) = reader.get("/v1/exchanges?phase=refused", "read.list")
    assert page["exchanges"] == [] and facts["count"] == 0 and "first" not in facts
    for wrong in ("limit=0", "limit=1001"):
        reader.ask(f"/v1/exchanges?{wrong}", status=400, code="limit.count")
    for wrong in ("id=00", "id=zzzzzz", f"id={'0' * 33}", "after=1", f"after=1.{'0' * 31}", f"after=-1.{'0' * 32}",
                  f"id={'0' * 6}&after=1.{'0' * 32}"):
        reader.ask(f"/v1/exchanges?{wrong}", status=400, code="request.usage")
    reader.ask("/v1/items?id=00", status=400, code="request.usage")
    # At the command line: the first digits, and a list that says that it goes on.
    assert kgz.json("request", "show", exchanges[1][:8])["id"] == exchanges[1]
    assert kgz.do("request", "list", "-q").split() == seen
    assert kgz.do("request", "list", "--limit", "2", "-q").split() == seen[:2]
    assert kgz.json("request", "list", "--limit", "2")["next"] is not None
    kgz.do("request", "list", "--limit", "0", fails="request.usage")
    kgz.do("request", "show", "0" * 12, fails="request.not_found")


def story(kgz, bfa, base):
    trust(kgz, bfa)
    trust(bfa, kgz)
    kgz.officer("auditor", "auditor", by=("a", "b"))
    bfa.officer("auditor", "auditor", by=("a", "b"))
    form = write(base / "stored-data.json", STORED_DATA)
    ask_for = ("request", "new", "--to", "BFA", "--measure", "stored-data", "--fields", form)
    exchanges = [kgz.do(*ask_for, "--send", "-q", by=("a", "b")).strip() for _ in range(5)]
    auditor = Reader(kgz, "auditor")
    pages(auditor, kgz, exchanges)

    draft = kgz.json(*ask_for)["draft"]
    auditor.get("/v1/drafts", "read.list")
    _, (facts,) = auditor.get(f"/v1/drafts/{draft['draft'] if isinstance(draft, dict) else draft}", "read.draft")
    assert facts["exchange"] not in exchanges
    _, (facts,) = auditor.get(f"/v1/exchanges/{exchanges[0]}", "read.request")
    assert facts["exchange"] == exchanges[0]

    wait(bfa, exchanges[0], "--phase", "open")
    bfa.do("directory", "confirm", "KGZ", "--words", "Called, and spoke with the duty officer")
    bfa.do("request", "accept", exchanges[0], "--answers", answers(bfa, exchanges[0], base / "answers.json"))
    plain = base / "note.txt"
    plain.write_text("EXERCISE\n")
    item = bfa.do("evidence", "add", exchanges[0], plain, "--custodian", "Mail Example", "--collector", "Sgt. X",
                  "--collected-at", "2026-03-09T08:30:00Z", "--authorisation", "Order 77/2026", "-q", by=("x",)).strip()
    auditor = Reader(bfa, "auditor")
    auditor.get(f"/v1/exchanges/{exchanges[0]}/assessment", "decision.assessed")
    page, (facts,) = auditor.get("/v1/items", "read.list")
    assert [one["id"] for one in page["items"]] == [item]
    assert (facts["of"], facts["count"], facts["first"]) == ("items", 1, item)
    auditor.get(f"/v1/items?exchange={exchanges[0]}", "read.list", "read.request")
    auditor.get(f"/v1/items?id={item[:6]}", "read.list")
    _, (facts,) = auditor.get(f"/v1/items/{item}", "read.item")
    assert facts["item"] == item
    auditor.ask(f"/v1/items/{item}/content?purpose=open", status=403, code="officer.role")
    assert bfa.json("evidence", "show", item[:6])["id"] == item


if __name__ == "__main__":
    play(story)
    print("reads: each is logged with who asked; lists go on page by page")
