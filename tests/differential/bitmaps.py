"""The grammar of the commands about bits of strings."""

from grammar import NOT_INTS, Op, Row

# Never an offset for which either server would have to allocate a huge string, but for reading.
_SMALL = (b"0", b"1", b"7", b"8", b"9", b"31", b"63", b"64", b"100", b"351", b"352", b"353", b"1000")
_FAR = (b"4294967295", b"4294967294", b"2147483648")
_BAD = (b"-1", b"4294967296", b"9223372036854775807", b"-9223372036854775808", b"#1")


def _offset(g, reading=False):
    roll = g.rng.random()
    if roll < 0.55:
        return b"%d" % g.rng.randint(0, 500)
    if roll < 0.90:
        return g.pick(_SMALL)
    if roll < 0.94 and reading:
        return g.pick(_FAR)
    return g.pick(_BAD + tuple(NOT_INTS))


def _changing(g, argv):
    """The operation in a form that changes the key whatever it held, where others may notice: redis-server 7.0
    tells watchers and subscribers also of writes that change no bit."""
    if not g.noticed:
        return argv
    return [Op(g.conn, [b"DEL", argv[1]]), Op(g.conn, argv)]


def _setbit(g):
    bit = g.pick((b"0", b"1", b"1", b"1")) if g.chance(0.95) else g.pick((b"2", b"-1", b"x", b"", b"01"))
    return _changing(g, [g.word(b"SETBIT"), g.key(), _offset(g), bit])


def _unit(g):
    return g.word(g.pick((b"BIT", b"BYTE"))) if g.chance(0.97) else g.pick((b"BITS", b"", b"x"))


def _place(g):
    """A position in a string, in bits or bytes."""
    roll = g.rng.random()
    if roll < 0.6:
        return b"%d" % g.rng.randint(-20, 20)
    if roll < 0.85:
        return b"%d" % g.rng.randint(-600, 600)
    return g.integer(bad=0.2)


def _range(g):
    return [_place(g), _place(g)] + ([_unit(g)] if g.chance(0.6) else [])


def _bitpos(g):
    args = [g.key(), g.pick((b"0", b"1")) if g.chance(0.95) else g.pick((b"2", b"-1", b"x", b""))]
    if g.chance(0.25):
        return args + [_place(g)]
    return args + (_range(g) if g.chance(0.7) else [])


def _bitop(g):
    operation = g.word(g.pick((b"AND", b"OR", b"XOR", b"NOT", b"OR", b"XOR"))) if g.chance(0.98) else b"NAND"
    sources = g.keys(1 if operation.upper() == b"NOT" and g.chance(0.9) else 5)
    return [operation, g.key()] + sources


def _type(g):
    roll = g.rng.random()
    if roll < 0.45:
        return g.pick((b"u1", b"u2", b"u8", b"i8", b"u16", b"i16", b"u32", b"i32", b"i64", b"u63", b"i1", b"i63"))
    if roll < 0.96:
        return b"%s%d" % (g.pick((b"u", b"i")), g.rng.randint(1, 63))
    return g.pick((b"u64", b"i65", b"u0", b"i0", b"U8", b"8", b"", b"u", b"i", b"u08", b"i-1", b"x8", b"u8\x00"))


def _field_offset(g):
    if g.chance(0.3):
        bad = (b"#", b"#x", b"#-1", b"#9223372036854775807")
        return b"#%d" % g.rng.randint(0, 12) if g.chance(0.95) else g.pick(bad)
    return _offset(g)


def _number(g, kind):
    roll = g.rng.random()
    if roll < 0.5:
        return b"%d" % g.rng.randint(-300, 300)
    return b"%d" % g.rng.randint(-2 ** 63, 2 ** 63 - 1) if roll < 0.7 else g.integer(bad=0.08)


def _operations(g, most, writes=True):
    args = []
    for _ in range(g.rng.randint(0 if most > 1 else 1, most)):
        roll = g.rng.random()
        if roll < 0.35 or not writes:
            args += [g.word(b"GET"), _type(g), _field_offset(g)]
        elif roll < 0.60:
            args += [g.word(b"SET"), _type(g), _field_offset(g), _number(g, "SET")]
        elif roll < 0.80:
            args += [g.word(b"INCRBY"), _type(g), _field_offset(g), _number(g, "INCRBY")]
        elif roll < 0.98:
            args += [g.word(b"OVERFLOW"), g.word(g.pick((b"WRAP", b"SAT", b"FAIL")))]
        else:
            args += g.pick(([b"OVERFLOW", b"x"], [b"GET", b"u8"], [b"SET", b"u8", b"0"], [b"foo"]))
    return args


def _bitfield(g):
    if g.noticed:
        write = g.pick(([b"SET", _type(g), _offset(g), _number(g, "SET")],
                        [b"INCRBY", _type(g), _offset(g), b"1"]))
        return _changing(g, [b"BITFIELD", g.key()] + write)
    return [g.key()] + _operations(g, 5)


ROWS = [
    Row(8, b"SETBIT", lambda g: _setbit(g) if g.noticed else _setbit(g)[1:]),
    Row(5, b"GETBIT", lambda g: [g.key(), _offset(g, reading=True)]),
    Row(6, b"BITCOUNT", lambda g: [g.key()] + (_range(g) if g.chance(0.75) else [])),
    Row(7, b"BITPOS", _bitpos),
    Row(7, b"BITOP", _bitop),
    Row(12, b"BITFIELD", _bitfield),
    Row(3, b"BITFIELD_RO", lambda g: [g.key()] + _operations(g, 4, writes=g.chance(0.05))),
    Row(3, b"SET", lambda g: [g.key(), g.value()]),
    Row(1, b"SETRANGE", lambda g: [g.key(), b"%d" % g.rng.randint(0, 60), g.blob(g.rng.randint(1, 20))]),
    Row(1, b"GET", lambda g: [g.key()]),
    Row(1, b"DEL", lambda g: g.keys(2)),
]
