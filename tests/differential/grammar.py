"""What all grammars share: operations, and a seeded source of keys, values, numbers, deadlines and mistakes.

Everything is a function of the seed alone, never of a reply or of the time, so that an episode can be
replayed.

Deadlines are chosen so that no comparison depends on how fast a server is. A deadline is either long past, or
so far off that it does not pass during a run, or short and then followed by a pause in which it passes on
both servers (`Op.settle`). Far deadlines are all different, so that EXPIRE ... GT never compares two that are
milliseconds apart.
"""

import struct

SETTLE_SECONDS = 0.07
FAR_FUTURE = 4102444800  # 2100-01-01, in seconds

KEYS = [b"k0", b"k1", b"k2", b"k3", b"k4", b"k5", b"k6", b"{tag}a", b"{tag}b", b"key with spaces",
        b"bin\x00\r\n\xff", b""]

INT_EDGES = [b"0", b"1", b"-1", b"2", b"7", b"10", b"-10", b"100", b"9999", b"10000", b"127", b"128", b"-129",
             b"65536",
             b"2147483647", b"-2147483648", b"2147483648", b"4294967295", b"4294967296", b"9223372036854775806",
             b"9223372036854775807", b"-9223372036854775807", b"-9223372036854775808"]
NOT_INTS = [b"", b" ", b"abc", b"1.0", b"1e3", b" 1", b"1 ", b"+1", b"01", b"-0", b"0x10", b"--1", b"-",
            b"9223372036854775808", b"-9223372036854775809", b"18446744073709551615", b"18446744073709551616",
            b"99999999999999999999999", b"1\x00", b"\xff"]
FLOATS = [b"0", b"1.5", b"-1.5", b"3.0e3", b"1e-5", b"0.1", b"0.2", b"5.0", b"-0", b"-0.0", b"1e17", b"1e18",
          b"123456789.123",
          b".5", b"5.", b"1e100", b"1e308", b"-1e308", b"1e-300", b"3.14159265358979", b"0.30000000000000004",
          b"1E2", b"0x1p3"]
NOT_FLOATS = [b"", b"abc", b" 1.5", b"1.5 ", b"1,5", b"nan", b"NaN", b"-nan", b"1e", b"e5", b"--1.5",
              b"1.5\x00", b"1e5000"]
INFINITIES = [b"inf", b"-inf", b"+inf", b"Infinity", b"-INF"]
# Never a small positive number: put in the place of a deadline it would be one that passes at an unknown moment.
JUNK = [b"", b"FOO", b"\x00", b"-1", b"nx", b"GET", b"EX", b"9223372036854775808", b"a\r\nb", b"*", b"\xff\xfe"]


class Op:
    """One command on one connection.

    settle: the harness pauses after it so that the short deadline it set passes on both servers.
    closes: the server must close the connection after it. raw: the exact bytes to send in place of the encoded
    argv.
    loop:   a SCAN to be followed to its end.
    """

    __slots__ = ("conn", "argv", "raw", "settle", "closes", "loop")

    def __init__(self, conn, argv, raw=None, settle=False, closes=False, loop=False):
        self.conn = conn
        self.argv = argv
        self.raw = raw
        self.settle = settle
        self.closes = closes
        self.loop = loop

    def with_argv(self, argv):
        return Op(self.conn, argv, self.raw, self.settle, self.closes, self.loop)

    def label(self):
        """The command's name, with the subcommand where it has one, for grouping differences."""
        if not self.argv:
            return "(empty)"
        name = self.argv[0].upper().decode("latin-1")
        if name in CONTAINERS and len(self.argv) > 1:
            name += " " + self.argv[1].upper().decode("latin-1")
        return name


CONTAINERS = frozenset(("CLIENT", "CONFIG", "OBJECT", "COMMAND", "PUBSUB", "MEMORY", "SLOWLOG", "LATENCY",
                        "ACL", "MODULE",
                        "XINFO", "XGROUP", "SCRIPT", "FUNCTION", "CLUSTER"))


class Row:
    """A line of a family's grammar: how often, which command, and a function that makes the arguments after
    its name.

    The function returns a list of arguments, or None when the command does not fit now. Rows with mutate=False
    are never
    damaged, because a damaged one would not be harmless (CLIENT KILL) or would be misjudged by the generator
    (EXEC).
    """

    __slots__ = ("weight", "name", "make", "mutate")

    def __init__(self, weight, name, make, mutate=True):
        self.weight = weight
        self.name = name
        self.make = make
        self.mutate = mutate


class Source:
    """A seeded source of argument values. `conn` is the connection for which the next command is made; `noticed`
    says that events and WATCH may show whether a command counts as a change."""

    def __init__(self, rng, key_prefix=b"", noticed=False):
        self.rng = rng
        self.noticed = noticed
        self.conn = 0
        self.in_multi = {}
        self._deadlines = set()
        self.keys_in_use = [key_prefix + k for k in KEYS[:rng.randint(3, len(KEYS))]]

    # --- choices

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, options):
        return options[int(self.rng.random() * len(options))]

    def word(self, text):
        """A keyword in upper, lower or mixed case."""
        roll = self.rng.random()
        if roll < 0.45:
            return text.upper()
        if roll < 0.9:
            return text.lower()
        return bytes(c ^ 0x20 if 0x41 <= (c & 0xDF) <= 0x5A and self.rng.random() < 0.5 else c for c in text)

    # --- keys and values

    def key(self):
        return self.pick(self.keys_in_use)

    def keys(self, most=4):
        return [self.key() for _ in range(self.rng.randint(1, most))]

    def blob(self, size):
        return self.rng.randbytes(size)

    def value(self):
        roll = self.rng.random()
        if roll < 0.30:
            return self.pick(INT_EDGES)
        if roll < 0.40:
            return b"%d" % self.rng.randint(-1000, 1000)
        if roll < 0.50:
            return self.pick(NOT_INTS)
        if roll < 0.58:
            return self.pick(FLOATS)
        if roll < 0.62:
            return self.pick(NOT_FLOATS + INFINITIES)
        if roll < 0.80:
            return self.pick((b"abc", b"hello world", b"x", b"ohmytext", b"mynewtext", b"aaaaabaaa", b"foobar"))
        if roll < 0.88:  # both sides of the embedded string's limit
            return self.pick((b"y" * 43, b"y" * 44, b"y" * 45, b"y" * 64, b"y" * 20, b"y" * 21))
        if roll < 0.985:
            return self.blob(self.rng.randint(0, 60))
        return self.blob(self.rng.randint(200, 3000))

    def integer(self, bad=0.12):
        roll = self.rng.random()
        if roll < bad:
            return self.pick(NOT_INTS)
        if roll < 0.6:
            return b"%d" % self.rng.randint(-20, 20)
        return self.pick(INT_EDGES)

    def index(self):
        """A position in a short value."""
        return b"%d" % self.rng.randint(-12, 12) if self.chance(0.75) else self.integer()

    def number(self):
        roll = self.rng.random()
        if roll < 0.6:
            return self.pick(FLOATS)
        if roll < 0.75:
            return self.integer(bad=0.05)
        return self.pick(NOT_FLOATS + INFINITIES)

    def pattern(self):
        return self.pick((b"*", b"k*", b"k?", b"k[0-3]", b"k[^0]", b"[", b"\\k1", b"*a", b"{tag}*", b"*\x00*",
                          b"", b"k1",
                          b"nothing*", b"**", b"?", b"k[1-", b"[a-z]*", b"k\\", b"*with*"))

    # --- deadlines

    def _distinct(self, low, high):
        while True:
            value = self.rng.randint(low, high) * 10
            if value not in self._deadlines:
                self._deadlines.add(value)
                return value

    def far_seconds(self):
        """Seconds from now; no two in an episode are less than ten seconds apart, nor near an absolute deadline."""
        return self._distinct(100, 500000)

    def far_unix_seconds(self):
        return FAR_FUTURE + self._distinct(1000000, 9000000)

    def deadline(self, unit, absolute, ordered=False):
        """A deadline as an argument. ordered: it will be compared with another, so it must be an ordinary one."""
        roll = self.rng.random()
        scale = 1000 if unit == "ms" else 1
        if roll < 0.70 or (ordered and roll < 0.9):
            return b"%d" % ((self.far_unix_seconds() if absolute else self.far_seconds()) * scale)
        if roll < 0.80:
            return self.pick((b"0", b"-1", b"-1000", b"-9223372036854775808", b"-9223372036854775"))
        if roll < 0.84 and absolute:
            return b"%d" % (self.rng.randint(1, 10 ** 9) * scale)
        if roll < 0.90:
            return self.pick((b"9223372036854775807", b"9223372036854775", b"9223372036854776",
                              b"9223372036854775000",
                              b"9223370000000000", b"92233720368547758"))
        return self.pick(NOT_INTS)

    def short_deadline_args(self):
        """A whole command that sets a deadline which passes in the pause after it; None inside a transaction."""
        if self.in_multi.get(self.conn):
            return None
        key, ms = self.key(), b"%d" % self.rng.randint(1, 20)
        return self.pick(([b"SET", key, self.value(), b"PX", ms], [b"PEXPIRE", key, ms],
                          [b"PSETEX", key, ms, self.value()],
                          [b"GETEX", key, b"PX", ms], [b"PEXPIRE", key, ms]))

    # --- mistakes

    def damage(self, argv):
        """The command with one argument lost, doubled, added or replaced."""
        argv = list(argv)
        roll = self.rng.random()
        place = self.rng.randint(1, len(argv)) if len(argv) > 1 else 1
        if roll < 0.3 and len(argv) > 1:
            del argv[min(place, len(argv) - 1)]
        elif roll < 0.5 and len(argv) > 1:
            argv.insert(place, argv[min(place, len(argv) - 1)])
        elif roll < 0.8:
            argv.append(self.pick(JUNK))
        else:
            argv.insert(place, self.pick(JUNK))
        return argv


class Family:
    """A family's rows, cut down to the commands a server has, and the choice among them by weight."""

    def __init__(self, name, rows, supported):
        self.name = name
        self.rows = [r for r in rows if r.name.split(b" ")[0].decode() in supported]
        self.missing = sorted({r.name.split(b" ")[0].decode() for r in rows} - set(supported))
        self.total = 0.0
        self.cumulative = []
        for row in self.rows:
            self.total += row.weight
            self.cumulative.append(self.total)

    def op(self, source):
        """The next operation on `source.conn`, or None when the row drawn does not fit now."""
        row = source.rng.choices(self.rows, cum_weights=self.cumulative)[0]
        made = row.make(source)
        if made is None:
            return None
        if isinstance(made, Op):
            return made
        if isinstance(made, list) and made and isinstance(made[0], Op):
            return made
        argv = [source.word(part) for part in row.name.split(b" ")] + made
        if row.mutate and source.chance(0.02):
            argv = source.damage(argv)
        return Op(source.conn, argv)


def crc64(data):
    """CRC-64 with the Jones polynomial, reflected, as the footer of a DUMP payload has it."""
    crc = 0
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc


def _crc_table():
    table = []
    for index in range(256):
        crc = index
        for _ in range(8):
            crc = (crc >> 1) ^ 0x95AC9329AC4BC9B5 if crc & 1 else crc >> 1
        table.append(crc)
    return table


_CRC_TABLE = _crc_table()


def dump_payload(value, version=9):
    """A RESTORE payload for a string shorter than 64 bytes."""
    body = b"\x00" + bytes([len(value)]) + value + struct.pack("<H", version)
    return body + struct.pack("<Q", crc64(body))
