"""Runs operations on both servers at once and tells where their replies, messages or keyspaces part."""

import time
from collections import Counter

import compare
from client import Client, ConnectionLost, ProtocolError, ReplyTimeout, encode, parse
from grammar import SETTLE_SECONDS, Op
from server import OPTIONS

WORKERS = (0, 1)
SUBSCRIBERS = (2, 3)  # 2 speaks RESP2, 3 speaks RESP3
DATABASES = (0, 1, 2, 3)
BATCH_BYTES = 60000  # stays below what socket buffers hold, so that sending never waits for a reply to be read

_READ_VALUE = {b"string": [b"GET"], b"list": [b"LRANGE", None, b"0", b"-1"], b"set": [b"SMEMBERS"],
               b"hash": [b"HGETALL"], b"zset": [b"ZRANGE", None, b"0", b"-1", b"WITHSCORES"],
               b"stream": [b"XRANGE", None, b"-", b"+"]}
_EVENTS = [b"PSUBSCRIBE", b"__key*__:*"]


class Difference:
    """One place where the servers parted: the operation, both replies as frames, and what makes it like another."""

    def __init__(self, op, reference, other, position, note=""):
        self.op = op
        self.reference = reference
        self.other = other
        self.position = position  # how many operations of the sequence had been sent when it was noticed
        self.note = note
        first, second = self._first_unequal()
        self.signature = compare.signature(op, first, second) + ((note.split(":")[0],) if note else ())

    def _first_unequal(self):
        for a, b in zip(self.reference, self.other):
            if a != b:
                return a, b
        longest = max(len(self.reference), len(self.other))
        shortest = min(len(self.reference), len(self.other))
        if longest == shortest:
            return None, None
        return (self.reference + [None] * longest)[shortest], (self.other + [None] * longest)[shortest]


class Side:
    """One server with the harness's connections to it."""

    def __init__(self, server, resp_of_connection, exact):
        self.server = server
        self.exact = exact  # a key past its deadline is not counted for a moment longer
        self.admin = Client(server.port)
        self.clients = {}
        self.resp_of_connection = resp_of_connection

    def open(self, conn):
        client = Client(self.server.port)
        if self.resp_of_connection[conn] == 3:
            client.command("HELLO", "3")
            client.resp = 3
        self.clients[conn] = client
        return client

    def reset(self, setup):
        """Forgets everything: an empty keyspace, default options, the default user alone, fresh connections."""
        for client in self.clients.values():
            client.close()
        self.clients = {}
        for argv in setup:
            self.admin.command(*argv)
        self.admin.command("FLUSHALL")
        kind, users = self.admin.command("ACL", "USERS")
        for _, name in users if kind == b"*" else ():
            if name != b"default":
                self.admin.command("ACL", "DELUSER", name)
        # So many times a second redis-server looks for expired keys.
        self.admin.command("CONFIG", "SET", "hz", "500")
        self._await_quiet()
        for conn in self.resp_of_connection:
            self.open(conn)

    def _await_quiet(self):
        """Waits until the server has noticed that the old connections are gone, and their subscriptions with
        them."""
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            kind, text = self.admin.command("CLIENT", "LIST")
            if kind == b"-" or text.count(b"\n") <= 1:
                return
            time.sleep(0.002)

    def read_keyspace(self):
        """Every key of the databases in use: {(db, key): (type, encoding, value, PTTL)}, and each database's
        size."""
        keys, out = [], {}
        for db in DATABASES:
            self.admin.command("SELECT", db)
            size = self.admin.command("DBSIZE")[1]
            names = sorted(item[1] for item in self.admin.command("KEYS", "*")[1])
            random_key = self.admin.command("RANDOMKEY")[1]
            # redis-server counts keys past their deadline until it finds them.
            out[(db, "size")] = size if self.exact else len(names)
            if (random_key is None) != (not names) or (names and random_key not in names):
                out[(db, "randomkey")] = random_key
            for name in names:
                keys.append((db, name))
                out[(db, name)] = self._describe(name)
        self.admin.command("SELECT", 0)
        return out

    def _describe(self, name):
        self.admin.send(encode([b"TYPE", name]) + encode([b"OBJECT", b"ENCODING", name]) + encode([b"PTTL", name]))
        kind, encoding, ttl = (parse(self.admin.reply()) for _ in range(3))
        read = list(_READ_VALUE.get(kind[1], [b"TYPE"]))
        value = self.admin.command(read[0], name, *[part for part in read[1:] if part is not None])
        if kind[1] in (b"set", b"hash"):
            step = 2 if kind[1] == b"hash" else 1
            value = sorted(tuple(value[1][i:i + step]) for i in range(0, len(value[1]), step))
        if kind[1] == b"zset":
            value = compare.scored([item[1] for item in value[1]])
        return kind, encoding, value, ttl[1]

    def close(self):
        for client in self.clients.values():
            client.close()
        self.admin.close()


class Engine:
    """Both servers. `run` plays operations from a clean state and returns the first difference."""

    def __init__(self, reference, other, resp):
        self.servers = (reference, other)
        self.resp_of_connection = {0: resp, 1: resp, 2: 2, 3: 3}
        self.context = compare.Context()
        self.sides = [Side(s, self.resp_of_connection, s is other) for s in self.servers]
        self.commands_run = 0
        self.default_options = self._shared_defaults()

    def set_resp(self, resp):
        self.resp_of_connection[0] = self.resp_of_connection[1] = resp

    def _shared_defaults(self):
        """The reference's values of the options both servers have, as CONFIG SET commands."""
        commands = []
        for name in OPTIONS:
            replies = [side.admin.command("CONFIG", "GET", name) for side in self.sides]
            if all(kind == b"*" and len(items) == 2 for kind, items in replies) and name != b"databases":
                commands.append([b"CONFIG", b"SET", name, replies[0][1][1][1]])
        return commands

    def shared_options(self):
        return {argv[2] for argv in self.default_options}

    def reset(self, events):
        """Brings both servers to a clean state, restarting one that is gone. events: watch keyspace
        notifications."""
        for index in range(len(self.sides)):
            self._reset_side(index)
        self.context.skew_ms = 0
        if events:
            for side in self.sides:
                side.admin.command("CONFIG", "SET", "notify-keyspace-events", "KEA")
                for conn in SUBSCRIBERS:
                    op = Op(conn, _EVENTS)
                    side.clients[conn].send(encode(op.argv))
                    side.clients[conn].collect([op])

    def _reset_side(self, index):
        server = self.servers[index]
        for attempt in range(3):
            try:
                if attempt:  # the server is gone, or going, or does not answer
                    self.sides[index].close()
                    server.restart()
                    self.sides[index] = Side(server, self.resp_of_connection, index == 1)
                self.sides[index].reset(self.default_options)
                return
            except (ConnectionLost, ReplyTimeout, OSError):
                pass
        raise RuntimeError(f"{server.name} does not come back to a clean state:\n{server.log_tail()}")

    def run(self, ops, events=False, dump_every=0):
        """Plays the operations; returns the first Difference or None. dump_every: keyspaces compared every so
        many."""
        self.reset(events)
        since_dump, index = 0, 0
        while index < len(ops):
            batch = self._next_batch(ops, index)
            index += len(batch)
            since_dump += len(batch)
            try:
                found = self._run_batch(batch, index)
                if found is None and dump_every and (since_dump >= dump_every or index == len(ops)):
                    since_dump = 0
                    found = self.compare_keyspaces(batch[-1], index)
            except (ConnectionLost, ReplyTimeout, ProtocolError, OSError) as error:
                found = self._failed((self._dead_side(), len(batch), str(error)), batch, index)
            if found is not None:
                return found
        return None

    def _dead_side(self):
        """The side whose server is gone; the one under examination when both are there and one does not answer."""
        return self.sides[0] if not self.servers[0].alive() else self.sides[1]

    @staticmethod
    def _next_batch(ops, start):
        """As many operations of one connection as may be sent without waiting for a reply."""
        conn, size, end = ops[start].conn, 0, start
        while end < len(ops) and ops[end].conn == conn and size < BATCH_BYTES:
            op = ops[end]
            if op.loop and end > start:
                break
            size += sum(map(len, op.argv)) + 16
            end += 1
            if op.settle or op.closes or op.loop:
                break
        return ops[start:end]

    def _run_batch(self, batch, position):
        self.commands_run += len(batch)
        if batch[0].loop:
            return self._run_scan(batch[0], position)
        data = b"".join(op.raw if op.raw is not None else encode(op.argv) for op in batch)
        conn, started = batch[0].conn, time.monotonic()
        results, failure = [], None
        for side in self.sides:
            try:
                side.clients[conn].send(data)
            except (ConnectionLost, ReplyTimeout):
                pass  # reading will tell
        for side in self.sides:
            got, error = self._collect(side, conn, batch)
            results.append(got)
            failure = failure or (error and (side, len(got), error))
        self.context.skew_ms = max(self.context.skew_ms, (time.monotonic() - started) * 1000)
        if failure:
            return self._failed(failure, batch, position)
        for op, a, b in zip(batch, *results):
            if a.frames != b.frames and not self._explained(op, a, b):
                return Difference(op, a.frames, b.frames, position)
        last = batch[-1]
        if last.closes:
            for side in self.sides:
                side.clients[conn].close()
                side.open(conn)
        if last.settle:
            time.sleep(SETTLE_SECONDS)
        return self._compare_messages(last, position)

    @staticmethod
    def _collect(side, conn, batch):
        """Results up to the first failure, and that failure in words."""
        got = []
        try:
            for op in batch:
                got.extend(side.clients[conn].collect([op]))
        except (ConnectionLost, ReplyTimeout, ProtocolError, OSError) as error:
            return got, str(error) or type(error).__name__
        return got, None

    def _failed(self, failure, batch, position):
        """A difference made of a connection that died or went silent."""
        side, done, error = failure
        op = batch[min(done, len(batch) - 1)]
        time.sleep(0.05)  # a process that is dying may close its connections first
        death = side.server.death()
        text = f"<{side.server.name}: {'the server died: ' + death if death else error}>".encode()
        frames = ([text], [b"<fine>"]) if side is self.sides[0] else ([b"<fine>"], [text])
        return Difference(op, *frames, position, note="failure: " + (side.server.log_tail() if death else error))

    def _explained(self, op, a, b):
        if len(a.frames) != len(b.frames):
            return False
        if len(a.frames) > 1 and len(op.argv) == 1 and sorted(self._channels(a)) == sorted(self._channels(b)):
            return True  # UNSUBSCRIBE without arguments goes through the channels in the order of a hash table
        try:
            return all(x == y or compare.same_reply(op, x, y, self.context, a.queued)
                       for x, y in zip(a.frames, b.frames))
        except (ValueError, IndexError, KeyError, TypeError):
            return False  # the reply has not even the shape the rule expects

    @staticmethod
    def _channels(result):
        return [repr(parse(frame)[1][:2]) for frame in result.frames]

    def _run_scan(self, op, position):
        """Follows a SCAN (or HSCAN, SSCAN, ZSCAN) on both servers to its end and compares what it has shown."""
        seen, place = [], 1 if op.argv[0].upper() == b"SCAN" else 2
        for side in self.sides:
            client, found, argv = side.clients[op.conn], set(), list(op.argv)
            for _ in range(100000):
                client.send(encode(argv))
                frame = client.reply()
                if frame[:1] != b"*":
                    return self._scan_failed(op, position)
                cursor, keys = parse(frame)[1]
                items = [item[1] for item in keys[1]]
                found.update(compare.scored(items) if op.argv[0].upper() == b"ZSCAN" else items)
                argv[place] = cursor[1]
                if cursor[1] == b"0":
                    break
            seen.append(sorted(found))
        if seen[0] == seen[1]:
            return self._compare_messages(op, position)
        return Difference(op, *[[b" ".join(repr(k).encode() for k in keys)] for keys in seen], position,
                          note="scan: keys shown")

    def _scan_failed(self, op, position):
        plain = Op(op.conn, op.argv)
        for side in self.sides:  # let both finish, then ask again as an ordinary command
            side.clients[op.conn].sync(b"scan")
        return self._run_batch([plain], position)

    def _compare_messages(self, op, position):
        """Compares what subscribers were sent, as sets: servers may deliver in different order from different
        threads."""
        for conn in SUBSCRIBERS:
            pair = [side.clients[conn] for side in self.sides]
            if not any(client.subscribed or client.tracks or client.messages for client in pair):
                continue
            for client in pair:
                if client.reply_mode == b"ON":
                    client.sync(b"sync")
            if not any(client.tracks for client in pair):
                # Broadcasts come at the end of what was read at once, and no more once RESET has been read with it.
                for client in pair:
                    client.messages = [m for m in client.messages if b"invalidate" not in m[:32]]
            missing, extra = self._await_equal_messages(pair)
            for client in pair:
                client.messages = []
            if missing or extra:
                return Difference(self._to_blame(op, missing, extra), sorted(missing), sorted(extra), position,
                                  note=f"messages: on connection {conn} (RESP{pair[0].resp}), sent by one only")
        return None

    @staticmethod
    def _to_blame(op, missing, extra):
        """A stand-in operation whose label names the kind of message, so that differences group by it."""
        sample = parse((sorted(missing) or sorted(extra))[0])[1]
        words = [part[1] for part in sample if isinstance(part[1], bytes)]
        if len(words) < 2:  # an invalidation, or what is no message at all
            return Op(op.conn, [b"message " + b" ".join(words)])
        event = words[-1] if any(w.startswith(b"__keyspace") for w in words[1:-1]) else words[-2]
        return Op(op.conn, [b"message " + event])

    @staticmethod
    def _await_equal_messages(pair):
        """Waits for messages under way; what only one server has sent when patience (at most a second) ends is
        returned."""
        deadline = time.monotonic() + min(1.0, pair[0].timeout)
        while True:
            left, right = (Counter(compare.told(client.messages)) for client in pair)
            missing, extra = list((left - right).elements()), list((right - left).elements())
            if not missing and not extra or time.monotonic() > deadline:
                return missing, extra
            behind = pair[1] if missing else pair[0]
            behind.poll_messages(0.02)

    def compare_keyspaces(self, op, position):
        """The first key on which the keyspaces disagree, as a difference of the pseudo-command 'keyspace'."""
        started = time.monotonic()
        left, right = (side.read_keyspace() for side in self.sides)
        self.context.skew_ms = max(self.context.skew_ms, (time.monotonic() - started) * 1000)
        for place in sorted(set(left) | set(right), key=repr):
            a, b = left.get(place), right.get(place)
            if a == b:
                continue
            if (a and b and isinstance(place[1], bytes) and a[0] == b[0] and compare.same_encoding(a[1], b[1]) and
                    a[2] == b[2] and (a[3] < 0) == (b[3] < 0)):
                if abs(a[3] - b[3]) <= self.context.tolerance_ms():
                    continue
            aspect = "presence" if a is None or b is None else self._aspect(place, a, b)
            return Difference(Op(op.conn, [b"keyspace " + aspect.encode()]), [repr(a).encode()],
                              [repr(b).encode()], position,
                              note=f"keyspace: {place!r}")
        return None

    @staticmethod
    def _aspect(place, a, b):
        if not isinstance(place[1], bytes):
            return place[1]
        return next(name for name, x, y in zip(("type", "encoding", "value", "deadline"), a, b) if x != y)

    def close(self):
        for side in self.sides:
            side.close()
