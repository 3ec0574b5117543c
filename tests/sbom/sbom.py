#!/usr/bin/env python3
"""The list of what the program is made of: whole, of the form that others read, and the same each time.

usage: sbom.py BUILD_FOLDER SOURCE_FOLDER
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import jsonschema

SKIPPED = 77


def said(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


def refs(component):
    return [component["bom-ref"]] + [ref for inner in component.get("components", []) for ref in refs(inner)]


def main():
    build, root = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    if not shutil.which("dpkg-query"):
        print("sbom: this is no Debian; nothing was looked at")
        return SKIPPED
    text = said(root / "tools/sbom.py", build)
    assert text == said(root / "tools/sbom.py", build), "the same build is described otherwise"
    document = json.loads(text)
    jsonschema.Draft7Validator(json.loads((root / "tests/sbom/required.json").read_text())).validate(document)

    all_refs = refs(document["metadata"]["component"]) + [ref for one in document["components"] for ref in refs(one)]
    assert len(set(all_refs)) == len(all_refs)
    graph = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    assert set(graph) | {ref for needs in graph.values() for ref in needs} <= set(all_refs)
    reached, ahead = set(), ["comity"]
    while ahead:
        ref = ahead.pop()
        if ref not in reached:
            reached.add(ref)
            ahead += graph[ref]
    assert reached == set(graph), f"nothing leads to {set(graph) - reached}"

    # What the loader takes is there with the very bytes that it takes; so is what is only compiled in.
    program, reader = build / "bin/comity", build / "bin/comity-survey"
    hashes = {inner["hashes"][0]["content"] for one in document["components"] for inner in one.get("components", [])}
    libraries = re.findall(r"(/\S+) \(0x", said("ldd", program) + said("ldd", reader))
    assert len(libraries) > 10
    for library in libraries:
        assert hashlib.sha256(pathlib.Path(os.path.realpath(library)).read_bytes()).hexdigest() in hashes, library
    assert document["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(program.read_bytes()).hexdigest()
    (other,) = [one for one in document["components"] if one["type"] == "application"]
    assert other["hashes"][0]["content"] == hashlib.sha256(reader.read_bytes()).hexdigest()
    # What reads hostile bytes holds no key, and could not use one.
    assert not re.search(r"libcrypto|libssl|libsqlite", said("ldd", reader)), "it loads what belongs to the node"
    assert not re.search(r"comity::(crypto|keys|store|node|wire)\b", said("nm", "-C", reader)), "it links a room of the node"
    packages = {one["name"]: one for one in document["components"] if one["type"] == "library"}
    asked_for = re.search(r"build_packages=\((.*?)\)", (root / "dev").read_text(), re.DOTALL)[1].split()
    for package in asked_for:  # the parts of Boost that are asked for hold no header of their own
        if re.fullmatch(r"lib.*-dev", package) and not re.match(r"libboost-", package):
            assert package in packages, f"{package} is asked for and not named"
    for name, one in packages.items():
        assert one["version"] == said("dpkg-query", "-W", "-f", "${Version}\n", name).splitlines()[0]
    print(f"sbom: {len(packages)} packages, {len(libraries)} libraries loaded, nothing is missing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
