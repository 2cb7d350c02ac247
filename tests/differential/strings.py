"""The grammar of the string commands."""

from grammar import Op, Row


def _deadline_option(g):
    option = g.pick((b"EX", b"PX", b"EXAT", b"PXAT"))
    return [g.word(option), g.deadline("ms" if option[:1] == b"P" else "s", option.endswith(b"AT"))]


def _set(g):
    args = [g.key(), g.value()]
    roll = g.rng.random()
    if roll < 0.35:
        return args
    options = []
    if g.chance(0.4):
        options.append(_deadline_option(g))
    if g.chance(0.2):
        options.append([g.word(b"KEEPTTL")])
    if g.chance(0.3):
        options.append([g.word(g.pick((b"NX", b"XX")))])
    if g.chance(0.3):
        options.append([g.word(b"GET")])
    if g.chance(0.05):
        options.append([g.pick((b"NX", b"XX", b"GET", b"EX", b"PERSIST", b"foo", b""))])
    if g.chance(0.05):
        options.append(_deadline_option(g))
    g.rng.shuffle(options)
    for option in options:
        args += option
    return args


def _getex(g):
    args = [g.key()]
    if g.chance(0.5):
        args += _deadline_option(g)
    if g.chance(0.25):
        args.append(g.word(b"PERSIST"))
    if g.chance(0.03):
        args += g.pick(([b"KEEPTTL"], [b"NX"], [b"EX"], _deadline_option(g)))
    return args


def _pairs(g):
    out = []
    for _ in range(g.rng.randint(1, 4)):
        out += [g.key(), g.value()]
    return out


def _setrange(g):
    # Never an offset for which either server would have to allocate a huge string.
    offset = g.pick((b"0", b"1", b"5", b"40", b"45", b"300", b"-1", b"536870912", b"2147483647", b"4294967296",
                     b"9223372036854775807", b"-9223372036854775808", b"abc", b"", b"1.5"))
    value = g.pick((b"", b"x", b"abc", b"\x00\xff", g.value()))
    if offset == b"536870912" and not value:
        value = b"x"
    return [g.key(), offset, value]


def _lcs(g):
    args = [g.key(), g.key()]
    for option in (b"LEN", b"IDX", b"WITHMATCHLEN"):
        if g.chance(0.4):
            args.append(g.word(option))
    if g.chance(0.3):
        args += [g.word(b"MINMATCHLEN"), g.pick((b"0", b"1", b"2", b"4", b"-1", b"100", b"x",
                                                 b"9223372036854775808"))]
    if g.chance(0.04):
        args.append(g.pick((b"MINMATCHLEN", b"foo", b"LENGTH")))
    return args


def _short_deadline(g):
    argv = g.short_deadline_args()
    return argv and Op(g.conn, argv, settle=True)


ROWS = [
    Row(14, b"SET", _set),
    Row(8, b"GET", lambda g: [g.key()]),
    Row(4, b"GETEX", _getex),
    Row(3, b"GETDEL", lambda g: [g.key()]),
    Row(3, b"GETSET", lambda g: [g.key(), g.value()]),
    Row(2, b"SETNX", lambda g: [g.key(), g.value()]),
    Row(2, b"SETEX", lambda g: [g.key(), g.deadline("s", False), g.value()]),
    Row(2, b"PSETEX", lambda g: [g.key(), g.deadline("ms", False), g.value()]),
    Row(3, b"MGET", lambda g: g.keys(6)),
    Row(3, b"MSET", _pairs),
    Row(2, b"MSETNX", _pairs),
    Row(5, b"APPEND", lambda g: [g.key(), g.value()]),
    Row(3, b"STRLEN", lambda g: [g.key()]),
    Row(4, b"SETRANGE", _setrange),
    Row(5, b"GETRANGE", lambda g: [g.key(), g.index(), g.index()]),
    Row(1, b"SUBSTR", lambda g: [g.key(), g.index(), g.index()]),
    Row(5, b"INCR", lambda g: [g.key()]),
    Row(3, b"DECR", lambda g: [g.key()]),
    Row(4, b"INCRBY", lambda g: [g.key(), g.integer()]),
    Row(4, b"DECRBY", lambda g: [g.key(), g.integer()]),
    Row(6, b"INCRBYFLOAT", lambda g: [g.key(), g.number()]),
    Row(3, b"LCS", _lcs),
    Row(0.15, b"SET", _short_deadline),
]
