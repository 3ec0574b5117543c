"""Each system call of the durable path fails once: the node stops, or answers with an error of the catalogue, and goes on.

First a calm life is recorded, to know which calls there are; then each is denied, one in one life (strace counts a
thread's calls). What was acknowledged is demanded by pair.Kept.until, on this life and after.
"""
import collections
import re
import threading

from pair import CALM, Fate, Pair, seeded, strace

DENIED = {
    "pwrite64": ("EIO", "ENOSPC"),
    "write": ("EIO", "ENOSPC"),
    "fsync": ("EIO",),
    "fdatasync": ("EIO",),
    "syncfs": ("EIO",),
    "rename": ("EIO", "ENOSPC"),
    "openat": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO", "ENOSPC"),
    "fallocate": ("EIO", "ENOSPC"),
    "mkdir": ("EIO", "ENOSPC"),
    "unlink": ("EIO",),
    "unlinkat": ("EIO",),
    "link": ("EIO", "ENOSPC"),
    "fchmod": ("EIO",),
    "pread64": ("EIO",),
    "fstat": ("EIO",),
}
# What else can change a disk. A node that begins to make one of them upon its home has a durable path that nothing denies yet.
OTHERS = ("creat", "open", "pwritev", "pwritev2", "truncate", "renameat", "renameat2", "linkat", "symlink", "symlinkat", "mkdirat",
          "rmdir", "msync", "sync_file_range", "copy_file_range", "utimensat")
# These name no file, and what they do can not be denied one by one.
UNSEEN = ("io_uring_setup", "io_setup")
DENIALS_MAX = 3
LINE = re.compile(r"^(\d+)\s+(\w+)\((.*)$")

Case = collections.namedtuple("Case", "state call error when")


class Once:
    """One life below strace, then peace."""

    def __init__(self, fate):
        self.fates = [fate]

    def __call__(self):
        return self.fates.pop() if self.fates else CALM


def recorded(pair, base, seed):
    """How often a thread of each node makes each call upon its home, in one story."""
    most = {}
    traces = {}
    for node in pair.nodes:
        traces[node] = base / f"{node.state}.calls"
        node.fate = Once(Fate(strace("-y", "-e", "trace=" + ",".join((*DENIED, *OTHERS, *UNSEEN)), trace=traces[node])))
        renew(node)
    exchange, _ = pair.story(seeded(seed, "recorded"), 300_000)
    for node in pair.nodes:
        renew(node)
        counts, last = collections.Counter(), {}
        for line in traces[node].read_text(errors="replace").splitlines():
            found = LINE.match(line)
            if not found:
                continue
            thread, call, rest = found.groups()
            assert call not in UNSEEN and not (call in OTHERS and str(node.home) in rest), f"nothing denies: {line}"
            counts[thread, call] += 1
            if str(node.home) in rest:
                last.setdefault((call, thread), set()).add(counts[thread, call])
        for (call, _), whens in last.items():
            most.setdefault((node.state, call), set()).update(whens)
    return exchange, [Case(state, call, error, when) for (state, call), whens in sorted(most.items())
                      for when in sorted(whens) for error in DENIED[call]]


def renew(node):
    """The life that is, ends in order; the next one is up."""
    lives = len(node.ends)
    node.restart()
    while len(node.ends) == lives or not node.serving.wait(0.01):
        pass


def deny(pair, base, case, dice):
    """One case; gives how it went: 'missed', or what the node and its officers said."""
    node = pair.kgz if case.state == "KGZ" else pair.bfa
    trace = base / "denied.calls"
    trace.unlink(missing_ok=True)
    inject = f"inject={case.call}:error={case.error}:when={case.when}"
    life = len(node.ends) + 1
    for one in pair.nodes:
        one.faults.clear()
    over = threading.Event()
    # A wake-up among threads and a line to the terminal are writes too; no node lives without them, and none has to.
    watch = threading.Thread(target=watch_denials, args=(node, trace, over))
    watch.start()
    node.fate = Once(Fate(strace("-y", "-e", f"trace={case.call}", "-e", inject, trace=trace)))
    node.restart()
    try:
        exchange, _ = pair.story(dice, 300_000)
    finally:
        over.set()
        watch.join()
    if len(node.ends) == life:
        renew(node)  # what it said must outlive it
    acts = pair.check(exchange)
    injected = [line for line in trace.read_text(errors="replace").splitlines() if "(INJECTED)" in line]
    if not injected or str(node.home) not in injected[0]:
        node.ends[life] = (0, "")  # a sanitizer, too, asks the kernel by writing
        return "missed", acts
    code = node.ends[life][0]
    return ("stopped" if code not in (0, -9) else "answered" if node.faults else "went on"), acts


def watch_denials(node, trace, over):
    """Beside the home nothing is to be denied: that life does not count. strace counts for each thread, and what is tried again by
    ever new ones would be denied for ever: after a few times the life ends in order, and the next one is denied nothing."""
    while not over.wait(0.1):
        denied = [line for line in trace.read_text(errors="replace").splitlines() if "(INJECTED)" in line] if trace.exists() else []
        if any(str(node.home) not in line for line in denied):
            return node.process.kill()
        if len(denied) >= DENIALS_MAX:
            return node.restart()


def chosen(cases, wanted, dice):
    """Some of the cases: each kind of call once before any comes twice."""
    dice.shuffle(cases)
    seen = collections.Counter()
    turn = {}
    for case in cases:
        turn[case] = seen[case.call]
        seen[case.call] += 1
    return sorted(cases, key=turn.get)[:wanted]


def calls(base, seed, wanted, say):
    """`wanted`: how many cases of those that there are; 0: all."""
    pair = Pair(base)
    try:
        exchange, cases = recorded(pair, base, seed)
        acts = pair.check(exchange)
        there = len(cases)
        dice = seeded(seed, "cases")
        if wanted:
            cases = chosen(cases, wanted, dice)
        went = collections.Counter()
        for number, case in enumerate(cases, 1):
            try:
                how, more = deny(pair, base, case, seeded(seed, case))
            except BaseException:
                say(f"{case}: failed")
                raise
            went[how] += 1
            acts += more
            say(f"{number} of {len(cases)}: {case.state} {case.call} {case.error} {case.when}: {how}")
        pair.check_at_rest()
        told = ", ".join(f"{count} {how}" for how, count in sorted(went.items()))
        return f"{len(cases)} of {there} calls denied: {told}; {acts} acts whole"
    finally:
        pair.end()
