"""A byte of what is stored is another: the node refuses, or names it, and never serves it as good; 'comity log check' finds it.

Each case damages a fresh copy of a home that two States worked with.
"""
import collections
import json
import pathlib
import shutil
import subprocess

from pair import CRASHES, DEADLINE_S, Pair, code_of, seeded
from two_nodes import COMITY, run

# What is damaged, where; the code of 'log check' (None: it does not look there); the code of 'serve' (None: it serves),
# and what its log says then.
Case = collections.namedtuple("Case", "name find damage check serve says", defaults=("",))


def flip(path, at, bit=0):
    data = bytearray(path.read_bytes())
    data[at if at >= 0 else len(data) + at] ^= 1 << bit
    path.write_bytes(data)


def flip_within(path, bytes_within):
    """Flips a bit in the middle of the one place where these bytes stand."""
    at = path.read_bytes().find(bytes_within)
    assert at >= 0, f"{path} does not hold them"
    flip(path, at + len(bytes_within) // 2)


def middle(path):
    flip(path, path.stat().st_size // 2)


def key_letter(path):
    """Another letter in the middle of the base64: the file still looks like what it was."""
    lines = path.read_text().splitlines(keepends=True)
    number = next(i for i, line in enumerate(lines) if line.startswith("-----BEGIN")) + 1
    text = lines[number]
    lines[number] = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    path.write_text("".join(lines))


def last_letter(path):
    """The same in what the issuer signed with: the last lines of a certificate."""
    lines = path.read_text().splitlines(keepends=True)
    number = next(i for i, line in enumerate(lines) if line.startswith("-----END")) - 2
    text = lines[number]
    lines[number] = text[:-9] + ("A" if text[-9] != "A" else "B") + text[-8:]
    path.write_text("".join(lines))


def words(old, new):
    def replace(path):
        text = path.read_text()
        assert old in text, (path, old, text)
        path.write_text(text.replace(old, new, 1))
    return replace


def first(pattern):
    return lambda home: sorted(path for path in home.glob(pattern) if path.is_file())[0]


def largest(pattern):
    return lambda home: max((path for path in home.glob(pattern) if path.is_file()), key=lambda path: path.stat().st_size)


def named(name):
    return lambda home: home / name


def cases(p7m, entry):
    return [
        Case("the database's first page", named("node.db"), lambda path: flip(path, 100), "store.corrupt", "store.corrupt"),
        Case("the database's header", named("node.db"), lambda path: flip(path, 3), "store.corrupt", "store.corrupt"),
        Case("an act in the database", named("node.db"), lambda path: flip_within(path, p7m[1000:1100]), "store.corrupt", "store.corrupt"),
        Case("a log entry in the database", named("node.db"), lambda path: flip_within(path, entry), "store.corrupt", "store.corrupt"),
        Case("the database is gone", named("node.db"), pathlib.Path.unlink, "store.io", "log.rolled_back"),
        Case("a hash tile", largest("logs/partner/*/tile/0/**/*"), middle, "log.corrupt", "log.corrupt"),
        Case("an entry bundle", largest("logs/partner/*/tile/entries/**/*"), middle, "log.corrupt", "log.corrupt"),
        Case("a checkpoint", first("logs/partner/*/checkpoint"), middle, None, None),
        Case("a sealed item", first("evidence/*/sealed.age"), middle, "evidence.chunk", None),
        Case("a sealed item cut short", first("evidence/*/sealed.age"), lambda path: path.write_bytes(path.read_bytes()[:-7]),
             "evidence.incomplete", None),
        Case("a hash tile of an item", first("evidence/*/chunks.tiles/tile/0/**/*"), middle, "evidence.chunk", None),
        Case("settings: a sign", named("comity.toml"), words("=", '"'), "format.toml", "format.toml"),
        Case("settings: a name", named("comity.toml"), words("state", "stake"), "format.field", "format.field"),
        Case("settings: a State", named("comity.toml"), words('"KGZ"', '"KGz"'), "format.field", "format.field"),
        Case("the authority's certificate", first("keys/authority.crt"), last_letter, None, None, "keys/authority.crt: crypto.chain"),
        Case("the authority's key", first("keys/authority.key"), key_letter, None, "crypto.key"),
        Case("the certificate of the doors", first("keys/tls.crt"), last_letter, None, None, "keys/tls.crt: crypto.chain"),
        Case("a log's key", first("keys/log*.key"), key_letter, None, "crypto.key"),
        Case("the copy of the own entry", named("entry.p7m"), middle, None, None),  # written anew
    ]


def served(home, errors):
    """Starts the node: the process when it serves, else nothing and what it said."""
    with open(errors, "wb") as said:
        process = subprocess.Popen([COMITY, "serve", home], stdout=subprocess.PIPE, stderr=said)
    if process.stdout.readline():
        return process, ""
    code = process.wait(DEADLINE_S)
    complaint = errors.read_text(errors="replace")
    assert code in (1, 2, 4, 5, 6) and not any(crash in complaint for crash in CRASHES), f"exit {code}: {complaint}"
    return None, complaint


def ended(process):
    process.terminate()
    assert process.wait(DEADLINE_S) in (0, 1, 2, 4, 5, 6), process.returncode


def try_case(case, base, home, use):
    """Gives what went otherwise than told; nothing when all went as it should."""
    copy = base / "damaged"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy)
    case.damage(case.find(copy))
    wrong = []
    checked = subprocess.run([COMITY, "log", "check", copy, "--evidence"], capture_output=True, timeout=DEADLINE_S)
    text = (checked.stdout + checked.stderr).decode(errors="replace")
    assert not any(crash in text for crash in CRASHES), text
    if case.check and not (checked.returncode != 0 and case.check in text):
        wrong.append(f"log check should say {case.check}: exit {checked.returncode}: {text}")
    process, complaint = served(copy, base / "damaged.log")
    if process:
        if case.serve:
            wrong.append(f"it serves, and should say {case.serve}")
        try:
            wrong += use(copy, case.name)
        finally:
            ended(process)
        if case.says not in (base / "damaged.log").read_text(errors="replace"):
            wrong.append(f"its log should say {case.says}")
    elif not case.serve or f"({case.serve})" not in complaint:
        wrong.append(f"serve should say {case.serve}: {complaint}")
    return wrong


def prepared(pair, seed):
    """A story of which all is stored; gives KGZ's exchange, item, an act's bytes and those of an entry."""
    exchange, item = pair.story(seeded(seed, "corruption"), 400_000)
    pair.check(exchange)
    export = pair.base / f"export-{exchange}"
    p7m = (export / "acts" / "0001-request.p7m").read_bytes()
    entry = pair.kgz.look("log", "entries", "partner/BFA")["entries"][1]["entry"]["salt"].encode()
    return exchange, item, p7m, entry


def corruption(base, seed, flips, say):
    """The named cases, then `flips` bits anywhere below the home."""
    pair = Pair(base)
    kgz = pair.kgz
    try:
        exchange, item, p7m, entry = prepared(pair, seed)
        for node in pair.nodes:
            node.rest()
        wal = with_wal(pair, base)
        export = base / f"export-{exchange}"

        def ask(home, *arguments):
            return subprocess.run([COMITY, *map(str, arguments), "--home", home, "--as", kgz.key("a")], capture_output=True,
                                  timeout=DEADLINE_S)

        def use(home, name):
            """What is read of the damaged home is refused by name, or is what it was."""
            wrong = []
            opened = base / "opened.img"
            opened.unlink(missing_ok=True)
            done = ask(home, "evidence", "open", item, "-o", opened)
            if done.returncode == 0 and opened.read_bytes() != (base / "item.img").read_bytes():
                wrong.append("it opens other bytes")
            if done.returncode != 0 and opened.exists():
                wrong.append("a refused item stands under its name")
            out = base / "damaged-export"
            shutil.rmtree(out, ignore_errors=True)
            exported = ask(home, "export", exchange, "-o", out, "--for", "court")
            if exported.returncode == 0:
                verified = subprocess.run([COMITY, "verify", out, "--trust", f"KGZ={kgz.fingerprint}", "--trust",
                                           f"BFA={pair.bfa.fingerprint}"], capture_output=True, timeout=DEADLINE_S)
                if verified.returncode != 0:
                    wrong.append(f"{name}: it exports what does not verify: {verified.stdout.decode()[-600:]}")
            shown = ask(home, "request", "show", exchange, "--json")
            before = [act["id"] for act in acts]
            if shown.returncode == 0 and [act["id"] for act in json_acts(shown)] != before:
                wrong.append("it shows other acts")
            read = ask(home, "log", "entries", "partner/BFA", "--json")
            if read.returncode == 0 and not read.stdout.decode(errors="replace").startswith(entries_text):
                wrong.append("it shows other log entries")
            for one in (done, exported, shown, read):
                if one.returncode != 0 and not code_of(one.stderr.decode()).count(".") == 1:
                    wrong.append(f"it refuses without a code: {one.stderr.decode()}")
            return wrong

        process, _ = served(kgz.home, base / "whole.log")
        acts = json_acts(ask(kgz.home, "request", "show", exchange, "--json"))
        entries_text = ask(kgz.home, "log", "entries", "partner/BFA", "--json").stdout.decode().rsplit("]", 1)[0].rstrip()
        ended(process)
        run("log", "check", kgz.home, "--evidence")
        failed = []
        named_cases = [(kgz.home, case) for case in cases(p7m, entry)]
        named_cases.append((wal, Case("the write-ahead log", named("node.db-wal"), lambda path: flip(path, 32 + 24 + 100),
                                      "log.rolled_back", "log.rolled_back")))
        named_cases.append((wal, Case("the write-ahead log is gone", named("node.db-wal"), pathlib.Path.unlink, "log.rolled_back",
                                      "log.rolled_back")))
        for home, case in named_cases:
            wrong = try_case(case, base, home, use)
            say(f"{case.name}: {'as told' if not wrong else wrong}")
            failed += [f"{case.name}: {one}" for one in wrong]
        dice = seeded(seed, "flips")
        files = sorted(path.relative_to(kgz.home) for path in kgz.home.rglob("*") if path.is_file() and path.stat().st_size)
        for number in range(flips):
            file = dice.choice(files)
            at, bit = dice.randrange((kgz.home / file).stat().st_size), dice.randrange(8)
            wrong = any_flip(base, kgz.home, file, at, bit, use)
            say(f"flip {number + 1}: {file} at {at}, bit {bit}: {wrong or 'held'}")
            failed += [f"{file} at {at}, bit {bit}: {one}" for one in wrong]
        assert not failed, "\n".join(failed)
        return f"{len(named_cases)} kinds of damage and {flips} flipped bits refused, named or without effect"
    finally:
        pair.end()


def json_acts(done):
    return json.loads(done.stdout)["acts"]


def with_wal(pair, base):
    """A copy of KGZ's home as a kill leaves it: what was done last stands in the write-ahead log alone."""
    node = pair.kgz
    node.keep()
    assert node.serving.wait(DEADLINE_S)
    for _ in range(3):
        assert node.ask("request", "list")[0] == 0
        assert node.ask("evidence", "list")[0] == 0
        assert node.ask("request", "show", pair.exchanges[-1])[0] == 0
    node.wanted = False
    node.process.kill()
    node.thread.join(DEADLINE_S)
    copy = base / "killed"
    shutil.copytree(node.home, copy, ignore=shutil.ignore_patterns("socket"))
    assert (copy / "node.db-wal").stat().st_size > 0
    node.keep()
    assert node.serving.wait(DEADLINE_S)
    node.rest()
    return copy


def any_flip(base, home, file, at, bit, use):
    case = Case(str(file), named(file), lambda path: flip(path, at, bit), None, None)
    copy = base / "damaged"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("socket"))
    case.damage(copy / file)
    checked = subprocess.run([COMITY, "log", "check", copy, "--evidence"], capture_output=True, timeout=DEADLINE_S)
    text = (checked.stdout + checked.stderr).decode(errors="replace")
    assert not any(crash in text for crash in CRASHES), text
    wrong = []
    top = file.parts[0]
    if checked.returncode == 0 and top == "evidence" and file.name == "sealed.age":
        wrong.append("log check does not find it")
    process, _ = served(copy, base / "damaged.log")
    if process:
        try:
            wrong += use(copy, str(file))
        finally:
            ended(process)
    return wrong
