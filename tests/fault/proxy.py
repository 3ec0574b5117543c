"""A line between two nodes that has bad days: a TCP proxy on the loopback that limits the rate, delays, stalls, truncates,
cuts and corrupts. It knows nothing of what passes: it is as blind as a cable.

A Line is one way to one node: nodes advertise its port instead of their own.
"""
import asyncio
import collections
import contextlib
import socket
import struct
import threading

PIECE = 16_384  # bytes moved at once

# What befalls one connection: `kind` once `after` bytes have passed in `way` ("there": to the node; "back": from it).
#   cut: ended without a farewell · truncate: ended as if all had been said · corrupt: one bit is another, and it goes on ·
#   stall: nothing moves for `STALL_S`, then it is cut · pause: nothing moves for `STALL_S`, then it goes on
Trouble = collections.namedtuple("Trouble", "kind way after bit", defaults=(0,))
KINDS = ("cut", "truncate", "corrupt", "stall", "pause")
STALL_S = 1.5


class Line:
    """Listens on a port of its own; end() closes all. A thread of its own moves the bytes.

    `next_trouble` is asked for each new connection and gives a Trouble or None. `rate` is in bytes per second, each way, of
    each connection that comes from now on; `delay_s` for each piece. While `is_up` is false, who calls is cut off at once.
    """

    def __init__(self, target):
        self.target = target  # a port
        self.rate, self.delay_s, self.is_up = None, 0.0, True
        self.next_trouble = lambda: None
        self.befell = collections.Counter()  # kinds that happened
        self.passed = collections.Counter()  # bytes given on, by way
        self.passages = {}  # both ends: its rate
        self.loop = asyncio.new_event_loop()
        listening = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self.thread.start()
        listening.wait()

    def _run(self, listening):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0, limit=PIECE))
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        self.loop.run_forever()
        server.close()

    def cut(self):
        """All that is connected, at once."""
        self.loop.call_soon_threadsafe(lambda: [abort(one) for passage in list(self.passages) for one in passage])

    def widen(self):
        """No connection is held back any more."""
        self.rate = None
        for both in list(self.passages):
            self.passages[both] = None

    def end(self):
        self.is_up = False
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def _connected(self, reader, writer):
        if not self.is_up:
            return abort(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target, limit=PIECE)
        except OSError:
            return abort(writer)
        both = (writer, far_writer)
        for one in both:
            one.transport.set_write_buffer_limits(high=0)
            # Small buffers, so that a slow line is felt at its other end.
            one.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PIECE)
        self.passages[both] = self.rate
        trouble = self.next_trouble()
        try:
            await asyncio.gather(self._move("there", reader, far_writer, both, trouble),
                                 self._move("back", far_reader, writer, both, trouble))
        finally:
            self.passages.pop(both, None)
            for one in both:
                one.close()

    async def _move(self, way, source, sink, both, trouble):
        seen, free_at = 0, 0.0
        mine = trouble if trouble and trouble.way == way else None
        with contextlib.suppress(OSError):
            while piece := await source.read(PIECE):
                if rate := self.passages.get(both):
                    begin = max(self.loop.time(), free_at)
                    free_at = begin + len(piece) / rate
                    await asyncio.sleep(begin - self.loop.time())
                if mine and seen + len(piece) > mine.after:
                    at = mine.after - seen
                    if mine.kind == "corrupt":
                        piece = piece[:at] + bytes([piece[at] ^ 1 << mine.bit]) + piece[at + 1:]
                    else:
                        await self._give(way, sink, piece[:at])
                        if mine.kind in ("stall", "pause"):
                            await asyncio.sleep(STALL_S)
                        if mine.kind != "pause":
                            self.befell[mine.kind] += 1
                            for one in both:
                                one.close() if mine.kind == "truncate" else abort(one)
                            return
                        piece = piece[at:]
                    self.befell[mine.kind] += 1
                    mine = None
                await self._give(way, sink, piece)
                seen += len(piece)
            if sink.can_write_eof():
                sink.write_eof()

    async def _give(self, way, sink, piece):
        if not piece:
            return
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        sink.write(piece)
        await sink.drain()
        self.passed[way] += len(piece)


def abort(writer):
    """Ends without a farewell."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def trouble(dice, size, kinds=KINDS):
    """Somewhere in a connection over which about `size` bytes come: in the handshake, the question, the answer, the bytes."""
    after = int(10 ** dice.uniform(0, 4)) if dice.random() < 0.15 else dice.randrange(size)
    return Trouble(dice.choice(kinds), "there" if dice.random() < 0.1 else "back", after, dice.randrange(8))
