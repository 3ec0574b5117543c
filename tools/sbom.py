#!/usr/bin/env python3
"""Writes what a built node is made of, as a CycloneDX 1.5 document: its program and the one that reads evidence for it, and each
Debian package whose shared library they load, whose archive or object is linked into them, or whose headers were compiled in. It asks the linker, the compiler's own list
of headers and dpkg, and no network. The same build gives the same bytes.

usage: tools/sbom.py BUILD_FOLDER [-o FILE]
"""
import collections
import datetime
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import uuid

NAMESPACE = uuid.UUID("6b1f8f6e-0c0e-5f6e-9a50-0d6a3a8f4c11")
PROGRAMS = ("comity", "comity-survey")  # the second stands among the components, and the first needs it
TOOLS = ("clang-19", "lld-19", "cmake", "ninja-build", "pkg-config")


def said(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, **options).stdout


def real(path):
    return pathlib.Path(os.path.realpath(path))


def link_inputs(build, name):
    """Every file that the linker read for the program, by its own account."""
    command = said("ninja", "-C", build, "-t", "commands", name).splitlines()[-1]
    words = shlex.split(command.replace("&&", " ").strip(": "))
    words = [word for word in words if word != ":"]
    words[words.index("-o") + 1] = "/dev/null"
    traced = said(*words, "-Wl,--trace", cwd=build)
    # An archive is named with the member that was taken: libx.a(member.o).
    return {real(build / line.split("(")[0]) for line in traced.splitlines() if line.strip()}


def loaded(program):
    """Every shared library that the loader takes, also those that libraries ask for."""
    return {real(path) for path in re.findall(r"(/\S+) \(0x", said("ldd", program))}


def headers(build, name):
    """What the compiler read for the program's objects."""
    objects = [line for line in said("ninja", "-C", build, "-t", "inputs", name).split()
               if line.endswith((".o", ".pch"))]
    listed = said("ninja", "-C", build, "-t", "deps", *objects)
    return {real(build / line.strip()) for line in listed.splitlines() if line.startswith("    ")}


def owners(paths):
    """Which package each file belongs to. Debian's merged /usr has two spellings of one path."""
    spelt = {}
    for path in paths:
        text = str(path)
        spelt[text] = path
        spelt[text.removeprefix("/usr") if text.startswith("/usr/lib") else "/usr" + text] = path
    found = {}
    done = subprocess.run(["dpkg", "-S", *spelt], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        names, _, path = line.rpartition(": ")
        if path in spelt and not names.startswith("diversion"):
            found[spelt[path]] = names.split(",")[0].split(":")[0]
    return found


def licences(package):
    """The short names of a machine-readable copyright file; none where it is prose."""
    path = pathlib.Path(f"/usr/share/doc/{package}/copyright")
    text = path.read_text(errors="replace") if path.exists() else ""
    if "copyright-format/1.0" not in text.split("\n\n")[0]:
        return []
    return sorted(set(re.findall(r"^License: *(\S.*?) *$", text, re.MULTILINE)))


def described(package, uses, files):
    fields = "${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Maintainer}\n"
    version, architecture, source, source_version, maintainer = said(
        "dpkg-query", "-W", "-f", fields, package).splitlines()[0].split("\t")
    release = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    distribution = f"{release['ID']}-{release['VERSION_ID']}".replace('"', "")
    component = {
        "type": "library",
        "bom-ref": f"deb:{package}",
        "supplier": {"name": maintainer},
        "name": package,
        "version": version,
        "purl": f"pkg:deb/debian/{package}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}&distro={distribution}",
        "properties": [{"name": "comity:source", "value": f"{source} {source_version}"},
                       *({"name": "comity:use", "value": use} for use in sorted(uses))],
    }
    if names := licences(package):
        component["licenses"] = [{"license": {"name": name}} for name in names]
    if files:
        component["components"] = [
            {"type": "file", "bom-ref": f"file:{path}", "name": str(path),
             "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]} for path in sorted(files)]
    return component


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", said("readelf", "-d", path))


def dependencies(programs, shared, owner, uses):
    """A program needs all that is compiled or linked in and what it names; a library what it names."""
    by_name = {path.name: owner[path] for path in shared}
    for path in shared:
        soname = re.search(r"\(SONAME\).*\[(.+)\]", said("readelf", "-d", path))
        if soname:
            by_name[soname[1]] = owner[path]
    edges = collections.defaultdict(set)
    for path in shared:
        edges[owner[path]].update(by_name[name] for name in needed(path) if name in by_name)
    graph = []
    for name, program in programs.items():
        direct = {by_name[library] for library in needed(program)} | {one for one, its in uses[name].items() if its - {"loaded"}}
        others = list(PROGRAMS[1:]) if name == PROGRAMS[0] else []
        graph.append({"ref": name, "dependsOn": others + [f"deb:{one}" for one in sorted(direct)]})
    return graph + [{"ref": f"deb:{name}", "dependsOn": [f"deb:{one}" for one in sorted(edges[name] - {name})]}
                    for name in sorted(set().union(*uses.values()))]


def application(name, program, version):
    return {"type": "application", "bom-ref": name, "name": name, "version": version,
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(program.read_bytes()).hexdigest()}]}


def document(build):
    programs = {name: real(build / "bin" / name) for name in PROGRAMS}
    root = pathlib.Path(__file__).resolve().parents[1]
    ours = lambda path: build in path.parents or root in path.parents
    linked = {name: {path for path in link_inputs(build, name) if not ours(path)} for name in programs}
    shared = {name: loaded(program) for name, program in programs.items()}
    compiled = {name: {path for path in headers(build, name) if not ours(path)} for name in programs}
    every = set().union(*linked.values(), *shared.values(), *compiled.values())
    owner = owners(every)
    nobody = sorted(str(path) for path in every - set(owner))
    if nobody:
        sys.exit("sbom: no Debian package owns " + ", ".join(nobody[:10]))

    uses = {name: collections.defaultdict(set) for name in programs}
    packages, files = collections.defaultdict(set), collections.defaultdict(set)
    for name in programs:
        for path in linked[name] | shared[name]:
            # A linker script stands for the library that it names.
            uses[name][owner[path]].add("loaded" if path in shared[name] else "linked")
            files[owner[path]].add(path)
        for path in compiled[name]:
            uses[name][owner[path]].add("compiled")
        for package, its in uses[name].items():
            packages[package] |= its

    made = os.environ.get("SOURCE_DATE_EPOCH") or said("git", "-C", root, "log", "-1", "--format=%ct").strip()
    version = re.search(r"project\(comity VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text())[1]
    node, *others = [application(name, program, version) for name, program in programs.items()]
    digests = "".join(one["hashes"][0]["content"] for one in (node, *others))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, digests)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(int(made), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tools": {"components": [{"type": "application", "name": name,
                                      "version": said("dpkg-query", "-W", "-f", "${Version}", name)} for name in TOOLS]},
            "component": node,
        },
        "components": others + [described(name, packages[name], files[name]) for name in sorted(packages)],
        "dependencies": dependencies(programs, set().union(*shared.values()), owner, uses),
    }


def main():
    build = real(sys.argv[1])
    text = json.dumps(document(build), indent=2, ensure_ascii=False) + "\n"
    if "-o" not in sys.argv:
        print(text, end="")
        return
    into = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
    with tempfile.NamedTemporaryFile("w", dir=into.parent, delete=False) as file:
        file.write(text)
    os.replace(file.name, into)


if __name__ == "__main__":
    main()
