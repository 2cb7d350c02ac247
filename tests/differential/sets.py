"""The grammar of the set commands.

What a set pops at random is the server's own affair: a pop is followed by the deletion of the key, so that the two
servers go on alike.
"""

from grammar import Op, Row

# Integers on both sides of an intset's widths, texts on both sides of a listpack's limit, and what nearly reads as a
# number.
_INTEGERS = [b"0", b"1", b"2", b"3", b"4", b"5", b"-1", b"32767", b"32768", b"-32768", b"-32769", b"2147483647",
             b"2147483648", b"-2147483649", b"9223372036854775807", b"-9223372036854775808"]
_TEXTS = [b"", b"a", b"b", b"c", b"d", b"01", b"-0", b"+1", b"9223372036854775808", b"member with spaces",
          b"bin\x00\xff", b"x" * 63, b"x" * 64, b"x" * 65, b"y" * 254, b"y" * 255, b"y" * 256]

# Integers that an intset takes: sets cross these often.
_LIMITS = (b"3", b"8", b"64", b"512", b"512")

_COUNTS = (b"0", b"1", b"2", b"3", b"10", b"1000", b"-1", b"-5", b"-100", b"9223372036854775807",
           b"9223372036854775808", b"-9223372036854775808", b"x", b"", b"1.0")


def _member(g):
    roll = g.rng.random()
    if roll < 0.5:
        return g.pick(_INTEGERS)
    return g.pick(_TEXTS) if roll < 0.95 else g.value()


def _members(g):
    roll = g.rng.random()
    if roll < 0.04:  # around the limits of an intset and of a listpack
        first = g.rng.randint(-100, 100)
        names = range(first, first + g.rng.randint(100, 600))
        members = [b"%d" % i for i in names] if g.chance(0.6) else [b"m%d" % i for i in names]
    else:
        members = [_member(g) for _ in range(g.rng.randint(1, 3 if roll < 0.6 else 12))]
    if len(members) <= 3:
        return members
    # Later versions than 7.0 compare the limits with the members that a command names, before they look which of them
    # are new. Where that could pass a limit they differ, and the last is new: then 7.0 passes it as well.
    return list(dict.fromkeys(members)) + [b"%d" % g.rng.randint(10**6, 10**18)]


def _some(g):
    return [_member(g) for _ in range(g.rng.randint(1, 6))]


def _pop(g):
    key = g.key()
    argv = [g.word(b"SPOP"), key]
    if g.chance(0.7):
        argv.append(g.pick(_COUNTS))
    if g.chance(0.03):
        argv.append(b"1")
    return [Op(g.conn, argv), Op(g.conn, [b"DEL", key])]


def _random_member(g):
    args = [g.key()]
    if g.chance(0.7):
        # Nobody can wait for so many members.
        args.append(g.pick([c for c in _COUNTS if c != b"-9223372036854775807"]))
    if g.chance(0.03):
        args.append(g.pick((b"1", b"x")))
    return args


def _scan_options(g):
    args = []
    if g.chance(0.4):
        args += [g.word(b"MATCH"), g.pick((b"*", b"m*", b"[0-9]*", b"-*", b"x*x", b"nothing", b""))]
    if g.chance(0.4):
        args += [g.word(b"COUNT"), g.pick((b"1", b"10", b"1000"))]
    return args


def _scan(g):
    """A whole scan; inside a transaction, where it cannot be followed, one of the forms that fail."""
    if g.in_multi.get(g.conn) or g.chance(0.4):
        return [g.key(), g.pick((b"abc", b"", b"1.5", b"18446744073709551616"))] + _scan_options(g)
    if g.chance(0.2):
        return [g.key(), b"x"] + g.pick(([b"COUNT", b"0"], [b"COUNT", b"x"], [b"MATCH"], [b"foo", b"1"],
                                         [b"TYPE", b"set"]))
    return Op(g.conn, [g.word(b"SSCAN"), g.key(), b"0"] + _scan_options(g), loop=True)


def _count_intersection(g):
    keys = g.keys(4)
    args = [b"%d" % len(keys)] + keys
    if g.chance(0.1):
        args[0] = g.pick((b"0", b"-1", b"x", b"1", b"9", b"9223372036854775808"))
    if g.chance(0.4):
        args += [g.word(b"LIMIT"), g.pick((b"0", b"1", b"2", b"100", b"-1", b"x"))]
    if g.chance(0.03):
        args.append(g.pick((b"LIMIT", b"foo")))
    return args


ROWS = [
    Row(14, b"SADD", lambda g: [g.key()] + _members(g)),
    Row(6, b"SREM", lambda g: [g.key()] + _some(g)),
    Row(4, b"SMOVE", lambda g: [g.key(), g.key(), _member(g)]),
    Row(3, b"SISMEMBER", lambda g: [g.key(), _member(g)]),
    Row(3, b"SMISMEMBER", lambda g: [g.key()] + _some(g)),
    Row(3, b"SCARD", lambda g: [g.key()]),
    Row(3, b"SMEMBERS", lambda g: [g.key()]),
    Row(1.5, b"SSCAN", _scan, mutate=False),  # redis-server reads the cursor as a C string
    Row(1, b"SPOP", _pop),
    Row(2, b"SRANDMEMBER", _random_member),
    Row(3, b"SINTER", lambda g: g.keys(4)),
    Row(3, b"SUNION", lambda g: g.keys(4)),
    Row(3, b"SDIFF", lambda g: g.keys(4)),
    Row(3, b"SINTERSTORE", lambda g: [g.key()] + g.keys(4)),
    Row(2, b"SUNIONSTORE", lambda g: [g.key()] + g.keys(3)),
    Row(3, b"SDIFFSTORE", lambda g: [g.key()] + g.keys(4)),
    Row(3, b"SINTERCARD", _count_intersection),
    Row(3, b"OBJECT ENCODING", lambda g: [g.key()]),
    Row(1, b"DEBUG DIGEST-VALUE", lambda g: g.keys(3)),
    Row(1, b"CONFIG SET", lambda g: [g.word(b"set-max-intset-entries"), g.pick(_LIMITS)]),
    Row(3, b"DEL", lambda g: [g.key()]),
    Row(1, b"SET", lambda g: [g.key(), g.value()]),
    Row(0.5, b"RENAME", lambda g: [g.key(), g.key()]),
    Row(0.5, b"COPY", lambda g: [g.key(), g.key(), g.word(b"REPLACE")]),
]
