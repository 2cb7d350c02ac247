"""A raw RESP2/RESP3 connection that keeps every reply's bytes and knows which command it belongs to.

Nothing is decoded until somebody asks: replies are cut into frames (`frame_end`), compared as bytes, and only
turned into a tree (`parse`) when bytes differ or when a frame may be a pub/sub message that no command asked
for.
"""

import socket
import time

CLOSED = b"<connection closed>"
STILL_OPEN = b"<connection still open>"

_LINE = frozenset(b"+-:_,#(")
_BLOB = frozenset(b"$=!")
_LIST = frozenset(b"*~>")
_PAIRS = frozenset(b"%|")

_MESSAGES = frozenset((b"message", b"pmessage", b"smessage", b"invalidate", b"tracking-redir-broken"))
_SUBSCRIBE = {b"SUBSCRIBE": "channels", b"PSUBSCRIBE": "patterns", b"SSUBSCRIBE": "shards"}
_UNSUBSCRIBE = {b"UNSUBSCRIBE": "channels", b"PUNSUBSCRIBE": "patterns", b"SUNSUBSCRIBE": "shards"}


class ProtocolError(Exception):
    """The server sent something that is not RESP."""


class ConnectionLost(Exception):
    """The server closed the connection where it should not have."""


class ReplyTimeout(Exception):
    """A reply did not come in time."""


def frame_end(buf, pos):
    """The index just past the frame that starts at `pos`, or -1 when it is not complete yet."""
    newline = buf.find(b"\r\n", pos)
    if newline < 0:
        return -1
    kind = buf[pos]
    if kind in _LINE:
        return newline + 2
    try:
        length = int(buf[pos + 1:newline])
    except ValueError:
        raise ProtocolError(f"bad length in {bytes(buf[pos:newline + 2])!r}") from None
    if kind in _BLOB:
        if length < 0:
            return newline + 2
        end = newline + 4 + length
        return end if end <= len(buf) else -1
    if kind in _LIST:
        count = length
    elif kind in _PAIRS:
        count = 2 * length + (1 if kind == 0x7C else 0)  # an attribute is followed by the reply it belongs to
    else:
        raise ProtocolError(f"unknown type byte {bytes(buf[pos:pos + 1])!r}")
    pos = newline + 2
    for _ in range(count):
        pos = frame_end(buf, pos)
        if pos < 0:
            return -1
    return pos


def parse(frame):
    """A complete frame as a tree of (kind, value): kind is the type byte, containers hold lists of trees."""
    return _parse(frame, 0)[0]


def _parse(buf, pos):
    newline = buf.index(b"\r\n", pos)
    kind = buf[pos:pos + 1]
    head = buf[pos + 1:newline]
    pos = newline + 2
    if buf[newline - len(head) - 1] in _LINE:
        return (kind, int(head) if kind == b":" else head), pos
    length = int(head)
    if kind in (b"$", b"=", b"!"):
        if length < 0:
            return (kind, None), pos
        return (kind, buf[pos:pos + length]), pos + length + 2
    if length < 0:
        return (kind, None), pos
    items = []
    for _ in range(2 * length if kind in (b"%", b"|") else length):
        item, pos = _parse(buf, pos)
        items.append(item)
    if kind == b"|":
        value, pos = _parse(buf, pos)
        return (kind, [("attributes", items), value]), pos
    return (kind, items), pos


def encode(argv):
    """A command as a RESP array of bulk strings."""
    out = [b"*%d\r\n" % len(argv)]
    for arg in argv:
        out.append(b"$%d\r\n%s\r\n" % (len(arg), arg))
    return b"".join(out)


class Result:
    """What one command got: its frames in order, and for EXEC the commands whose replies it carries."""

    __slots__ = ("frames", "queued")

    def __init__(self, frames, queued=None):
        self.frames = frames
        self.queued = queued


class Client:
    """One connection. `collect` pairs replies with commands; messages nobody asked for go to `messages`."""

    patience = 3.0  # seconds a reply may take

    def __init__(self, port):
        self.timeout = self.patience
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buf = bytearray()
        self.pos = 0
        self.messages = []
        self._fresh_session()

    def _fresh_session(self):
        self.resp = 2
        self.channels = set()
        self.patterns = set()
        self.shards = set()
        self.tracks = False  # was told to: messages may come for ever after
        self.in_multi = False
        self.queued = []
        self.reply_mode = b"ON"

    def close(self):
        self.sock.close()

    @property
    def subscribed(self):
        return bool(self.channels or self.patterns or self.shards)

    def send(self, data):
        try:
            self.sock.settimeout(self.timeout)
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ConnectionLost(str(error)) from None
        except socket.timeout:
            raise ReplyTimeout("the server does not read") from None

    def command(self, *args):
        """Sends one command and returns the parsed reply; for the harness's own use between batches."""
        argv = [a if isinstance(a, bytes) else str(a).encode() for a in args]
        self.send(encode(argv))
        return parse(self.reply())

    def frame(self, timeout=None):
        """The next frame, whatever it is."""
        deadline = None
        while True:
            end = frame_end(self.buf, self.pos) if self.pos < len(self.buf) else -1
            if end >= 0:
                frame = bytes(self.buf[self.pos:end])
                self.pos = end
                if self.pos > 1 << 20 or self.pos == len(self.buf):
                    del self.buf[:self.pos]
                    self.pos = 0
                return frame
            now = time.monotonic()
            if deadline is None:
                deadline = now + (self.timeout if timeout is None else timeout)
            if now >= deadline:
                raise ReplyTimeout("no reply in time")
            self.sock.settimeout(deadline - now)
            try:
                data = self.sock.recv(1 << 18)
            except socket.timeout:
                continue
            except ConnectionResetError as error:
                raise ConnectionLost(str(error)) from None
            if not data:
                raise ConnectionLost("closed by the server")
            self.buf += data

    def reply(self):
        """The next frame that answers a command; messages met on the way are put aside."""
        while True:
            frame = self.frame()
            if not self._is_message(frame):
                return frame
            self.messages.append(frame)

    def _is_message(self, frame):
        kind = frame[0]
        if kind == 0x3E:  # a RESP3 push is a message unless it confirms a subscription
            return parse(frame)[1][0][1] in _MESSAGES
        if kind == 0x2A and self.resp == 2 and self.subscribed:
            items = parse(frame)[1]
            return bool(items) and items[0][1] in _MESSAGES
        return False

    def poll_messages(self, seconds):
        """Waits up to `seconds` for further messages and puts aside what comes; returns whether any came."""
        try:
            frame = self.frame(timeout=seconds)
        except ReplyTimeout:
            return False
        self.messages.append(frame)
        return True

    def sync(self, token):
        """Returns once everything the server had queued for this connection before this call has arrived."""
        self.send(encode([b"PING", token]))
        self.reply()

    def collect(self, ops):
        """One Result an operation, in order. The operations must have been sent already."""
        return [self._collect_one(op) for op in ops]

    def _collect_one(self, op):
        if op.closes:
            return Result(self._until_closed())
        argv = op.argv
        name = argv[0].upper() if argv else b""
        if not self.in_multi and self._silent(name, argv):
            return Result([])
        first = self.reply()
        frames = [first]
        queued = None
        self.tracks = self.tracks or name == b"CLIENT" and len(argv) > 1 and argv[1].upper() == b"TRACKING"
        if first == b"+QUEUED\r\n":
            self.queued.append(argv)
        elif name in _SUBSCRIBE or name in _UNSUBSCRIBE:
            self._confirmations(name, argv, frames)
        elif name == b"MULTI":
            self.in_multi = self.in_multi or first == b"+OK\r\n"
        elif name in (b"EXEC", b"DISCARD"):
            queued = self.queued
            if first[:1] != b"-" or first.startswith(b"-EXECABORT"):
                self.in_multi = False
                self.queued = []
        elif name == b"RESET" and first == b"+RESET\r\n":
            self._fresh_session()
        elif name == b"HELLO" and first[:1] in (b"%", b"*"):
            self.resp = 3 if first[:1] == b"%" else 2
        return Result(frames, queued)

    def _silent(self, name, argv):
        """Follows CLIENT REPLY and says whether this command gets no reply at all."""
        mode = b""
        if name == b"CLIENT" and len(argv) == 3 and argv[1].upper() == b"REPLY":
            mode = argv[2].upper()
        if mode == b"ON":
            self.reply_mode = b"ON"
            return False
        if mode in (b"OFF", b"SKIP"):
            if self.reply_mode != b"OFF":
                self.reply_mode = mode
            return True
        if self.reply_mode == b"SKIP":
            self.reply_mode = b"ON"
            return True
        return self.reply_mode == b"OFF"

    def _confirmations(self, name, argv, frames):
        """Reads the rest of a subscribe command's replies: one a channel, or one for each channel it had."""
        if frames[0][:1] not in (b"*", b">"):
            return
        group = getattr(self, _SUBSCRIBE.get(name) or _UNSUBSCRIBE[name])
        total = len(argv) - 1 if len(argv) > 1 else max(1, len(group))
        while len(frames) < total:
            frames.append(self.reply())
        for frame in frames:
            channel = parse(frame)[1][1][1]
            if name in _SUBSCRIBE:
                group.add(channel)
            else:
                group.discard(channel)

    def _until_closed(self):
        frames = []
        try:
            while True:
                frames.append(self.frame(timeout=1.5))
        except ConnectionLost:
            frames.append(CLOSED)
        except ReplyTimeout:
            frames.append(STILL_OPEN)
        return frames
