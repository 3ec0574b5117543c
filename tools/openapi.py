#!/usr/bin/env python3
"""That spec/openapi.yaml names exactly the addresses that src/api serves, each with its method."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")


def plain(path):
    return re.sub(r"\{[^}]*\}", "{}", path)


def specified():
    found, path = set(), None
    for line in (ROOT / "spec/openapi.yaml").read_text().splitlines():
        if match := re.match(r"  (/\S+):$", line):
            path = plain(match.group(1))
        elif re.match(r"\S", line):
            path = None
        elif path and (match := re.match(r"    (get|put|post|delete|patch):$", line)):
            found.add((match.group(1).upper(), path))
    return found


def served():
    text = "".join((ROOT / "src/api" / name).read_text() for name in ("routes.cpp", "exports.cpp", "live.cpp"))
    found = {(method, plain(path)) for method, path in re.findall(r'"(GET|PUT|POST|DELETE)",\s*"(/v1/[^"]*)"', text)}
    return found | {("GET", plain(path)) for path in re.findall(r'\bget\("(/v1/[^"]*)"', text)} | {("GET", "/healthz")}


def main():
    said, done = specified(), served()
    for method, path in sorted(said - done):
        print(f"spec/openapi.yaml: {method} {path} is not served")
    for method, path in sorted(done - said):
        print(f"src/api: {method} {path} is not in spec/openapi.yaml")
    if said == done:
        print(f"openapi: {len(done)} calls, said and served")
    return said != done


sys.exit(main())
