#!/usr/bin/env python3
"""The room rule: a file in src/ROOM may include only what ROOM's row in CMakeLists.txt names.

Also keeps clocks, randomness, threads, sockets, databases and cryptography in the rooms they belong to.
Prints each breach as file:line and ends with 1 if there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# A header (by pattern) and the rooms that may include it; tests and mains are free.
GUARDED = [
    (r"boost/(asio|beast)", {"wire"}),
    (r"openssl/", {"crypto", "wire"}),
    (r"boost/json", {"formats"}),
    (r"^toml\+\+/", {"formats"}),
    (r"sqlite3|SQLiteCpp", {"store"}),
    (r"archive(_entry)?\.h", {"transfer", "survey"}),
    (r"libewf|libbfio|nettle/|seccomp|landlock", {"survey"}),
    (r"CLI/", {"cli"}),
    (r"thread$|mutex$|condition_variable$|future$", {"transfer", "wire", "cli"}),
    (r"filesystem$|fstream$|fcntl\.h", {"store", "transfer", "keys", "cli", "court"}),
    (r"^random$|sys/random\.h", {"base"}),
    (r"^chrono$", {"base", "wire", "transfer", "cli"}),
]


def rows():
    text = (ROOT / "CMakeLists.txt").read_text()
    table = {}
    for name, body in re.findall(r"^room\((\w+)\s+SEES(.*?)LINKS", text, re.M | re.S):
        table[name] = set(body.split())
    return table


def main():
    table = rows()
    bad = []
    for room_dir in sorted((ROOT / "src").iterdir()):
        room = room_dir.name
        if room not in table:
            bad.append(f"src/{room}: is no room of CMakeLists.txt")
            continue
        for path in sorted(room_dir.rglob("*.[ch]pp")):
            # A test may lean on any library and on the rooms that its program links.
            is_test = path.stem.endswith(("_test", "_fuzz"))
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line)
                if not match:
                    continue
                header = match.group(1)
                top = header.split("/")[0]
                where = f"{path.relative_to(ROOT)}:{number}"
                if top in table and "/" in header and top != room and top not in table[room]:
                    bad.append(f"{where}: {room} may not see {top} ({header})")
                if is_test:
                    continue
                for pattern, allowed in GUARDED:
                    if re.search(pattern, header) and room not in allowed:
                        bad.append(f"{where}: <{header}> belongs to {', '.join(sorted(allowed))}")
    print("\n".join(bad) if bad else f"rooms: {len(table)} rooms keep their rule")
    return 1 if bad else 0


sys.exit(main())
