"""A copy for the defence between two real nodes: parts withheld, evidence for a key of the reader's own, which Debian's
age opens; what may not be asked is refused, what is put into the copy is named, and a revocation travels with it.
"""
import json
import shutil
import subprocess

RECIPIENT = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"


def trusted(*nodes):
    return [word for node in nodes for word in ("--trust", f"{node.state}={node.fingerprint}")]


def refuse(base, node, exchange):
    """Nothing of what is wrongly asked for comes to lie under the name of an export."""
    def refused(fault, *options, by=("a",)):
        node.do("export", exchange, "-o", base / "no", "--for", "defence", *options, by=by, fails=fault)
        assert not (base / "no").exists()
        shutil.rmtree(base / "no.partial", ignore_errors=True)

    refused("act.part", "--withhold", "1/nobody=protects a witness")
    refused("act.part", "--withhold", "99/necessity=protects a witness")
    refused("act.part", "--withhold", "1/necessity=one", "--withhold", "0001-request/necessity=two")
    refused("request.usage", "--withhold", "1/necessity")
    refused("request.usage", "--withhold", "necessity=protects a witness")
    refused("format.field", "--withhold", "1/necessity=two\nlines")
    refused("format.bech32", "--recipient", RECIPIENT[:-1] + "q")
    refused("format.bech32", "--recipient", "AGE-SECRET-KEY-1QQ")
    node.officer("o", "auditor", by=("a", "b"))
    refused("officer.role", "--recipient", RECIPIENT, by=("o",))
    refused("officer.role", "--withhold", "1/necessity=protects a witness", by=("o",))
    refused("officer.role", by=("x",))


def open_with_age(copy, item, key):
    """By the words of README.txt: the new header, then the chunks as they were sealed."""
    folder = copy / "evidence" / item
    prefix = json.loads((folder / "manifest.json").read_text())["prefix_len"]
    with open(folder / "sealed.age", "rb") as sealed:
        sealed.seek(prefix)
        whole = (folder / "header.age").read_bytes() + sealed.read()
    return subprocess.run(["age", "-d", "-i", str(key)], input=whole, capture_output=True, check=True).stdout


def give_to_the_defence(base, kgz, bfa, exchange, item, plain):
    refuse(base, kgz, exchange)
    key = base / "counsel.key"
    subprocess.run(["age-keygen", "-o", str(key)], capture_output=True, check=True)
    reader = subprocess.run(["age-keygen", "-y", str(key)], capture_output=True, check=True).stdout.decode().strip()
    copy, why = base / "copy", "protects a witness"
    assert f"withheld: {why}" in kgz.do("export", exchange, "-o", copy, "--for", "defence", "--withhold",
                                        f"1/necessity={why}", "--recipient", reader)
    part = "acts/0001-request.parts/necessity"
    assert not (copy / part).exists() and not (copy / "evidence" / item / "plaintext").exists()
    assert f"{part}\n    withheld: {why}" in (copy / "README.txt").read_text()
    said = kgz.tool("verify", copy, *trusted(kgz, bfa))
    assert f"{part}: withheld: {why}" in said and "Withheld from this export by decision" in said, said
    report = json.loads(kgz.tool("verify", copy, *trusted(kgz, bfa), "--json"))["checks"]
    header = [line for line in report if line["name"] == "item.header"]
    assert [line["verdict"] for line in header] == ["holds"], report
    assert open_with_age(copy, item, key) == plain.read_bytes()

    # Bytes in the place of what is withheld are a stray file; an index that lists them is not the one signed.
    (copy / "acts/0001-request.parts").mkdir(exist_ok=True)
    (copy / part).write_text("The provider deletes mail logs after 30 days.")
    kgz.tool("verify", copy, *trusted(kgz, bfa), fails="")
    (copy / part).unlink()
    kgz.tool("verify", copy, *trusted(kgz, bfa))
    index = (copy / "index.json").read_bytes()
    (copy / "index.json").write_bytes(index.replace(b"withheld: protects", b"withheld: convicts"))
    kgz.tool("verify", copy, *trusted(kgz, bfa), fails="")
    (copy / "index.json").write_bytes(index)

    # An auditor sees that there is plaintext, never the plaintext.
    kgz.do("export", exchange, "-o", base / "audit", "--for", "court", by=("o",))
    assert (base / "audit/evidence" / item / "sealed.age").exists()
    assert not (base / "audit/evidence" / item / "plaintext").exists()
    kgz.tool("verify", base / "audit", *trusted(kgz, bfa))


def revoke_and_show(base, kgz, bfa, exchange):
    """A revocation that came after the entry goes with the export; what was logged before it stays valid."""
    executor = next(one for one in bfa.json("officer", "list")["officers"] if one["name"].endswith(" x"))
    file = base / "stolen.revocation"
    words = ("--entry", bfa.home / "entry.p7m", "--certificate", executor["officer"], "--reason", "Laptop stolen")
    signers = [word for name in ("a", "b") for word in ("--as", bfa.key(name))]
    bfa.tool("directory", "revocation", *words, "-o", file, *signers)
    kgz.do("directory", "revoke", file, by=("a", "b"))
    kgz.do("export", exchange, "-o", base / "after", "--for", "court")
    assert (base / "after/states/BFA/revocation-1.json").read_bytes() == file.read_bytes()
    assert "signed by two officers: Laptop stolen" in kgz.tool("verify", base / "after", *trusted(kgz, bfa))

    long_ago = base / "long-ago.revocation"
    bfa.tool("directory", "revocation", *words, "--from", "2026-01-01T00:00:00Z", "-o", long_ago, *signers)
    kgz.do("directory", "revoke", long_ago, by=("a", "b"))
    kgz.do("export", exchange, "-o", base / "void", "--for", "court")
    kgz.tool("verify", base / "void", *trusted(kgz, bfa), fails="")
