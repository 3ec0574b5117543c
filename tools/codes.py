#!/usr/bin/env python3
"""Holds the catalogue of faults to the tests: every code is expected by a test, and made by the program.

usage: tools/codes.py FOLDER

A test expects a code when it names it as an outcome: FaultCode::x in C++ (bare where the file says
'using enum FaultCode'), or the dotted name in a text. A fake that makes a fault expects nothing.
"""
import pathlib
import re
import sys

ROW = re.compile(r'^FAULT\((\w+), "([a-z0-9_.]+)"', re.MULTILINE)
MAKES = re.compile(r"(\bfault\(|\bfail\(|\bFault[({]|\bgive_up\(\{|\breturn|[?:])\s*$")

# What no test can bring about, and why. Short, or something is wrong.
UNPROVOKED = {
    "crypto.internal": "nothing makes it",
}


def sources(root, folders, endings):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in endings and "node_modules" not in path.parts:
                yield path


def is_test(path, root):
    return "_test." in path.name or path.relative_to(root).parts[0] == "tests"


def expects(text, name, code):
    """Whether this C++ test names the fault other than to make one."""
    bare = r"(?:FaultCode::)?" if "using enum FaultCode" in text else "FaultCode::"
    for match in re.finditer(rf"(?<![\w:.]){bare}{name}\b", text):
        if not MAKES.search(text[max(0, match.start() - 40) : match.start()]):
            return True
    return says(text, code)


def says(text, code):
    """Whether a text literal names the code: "act.seen" or "act.seen: why"."""
    return re.search(rf"""["'`]{re.escape(code)}(?![\w.])""", text) is not None


def main():
    root = pathlib.Path(sys.argv[1])
    rows = ROW.findall((root / "src/base/faults.def").read_text())
    native = {}
    for path in sources(root, ("src", "cmd", "sim", "tests"), (".cpp", ".hpp")):
        native[path] = re.sub(r"//.*", "", path.read_text())
    tests = [text for path, text in native.items() if is_test(path, root)]
    product = [text for path, text in native.items()
               if not is_test(path, root) and path.relative_to(root).parts[0] in ("src", "cmd")]
    stories = [path.read_text() for path in sources(root, ("tests",), (".py", ".sh", ".mjs", ".go"))]
    wrong = []
    for name, code in rows:
        expected = any(expects(text, name, code) for text in tests) or any(says(text, code) for text in stories)
        if not expected and code not in UNPROVOKED:
            wrong.append(f"{code}: no test expects it")
        if expected and code in UNPROVOKED:
            wrong.append(f"{code}: a test expects it; take it off the list in tools/codes.py")
        if code not in UNPROVOKED and not any(re.search(rf"\bFaultCode::{name}\b", text) for text in product):
            wrong.append(f"{code}: nothing in the program makes it")
    codes = {code for _, code in rows}
    wrong += [f"{code}: is on the list in tools/codes.py, not in the catalogue" for code in UNPROVOKED if code not in codes]
    print("\n".join(wrong) or f"codes: each of {len(rows)} is expected by a test")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
