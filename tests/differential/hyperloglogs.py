"""The grammar of the commands about HyperLogLog sketches. GET compares the stored bytes.

Sketches have keys of their own. Other commands would damage them, and what redis-server has added before it finds
damage stays in the value, while Pinion leaves the value alone.
"""

from grammar import Op, Row


def _key(g):
    return b"pf:" + g.key()


def _keys(g, most):
    return [_key(g) for _ in range(g.rng.randint(1, most))]


def _elements(g, most):
    span = g.pick((20, 1000, 100000))
    return [b"%d" % g.rng.randrange(span) if g.chance(0.9) else g.value() for _ in range(g.rng.randint(0, most))]


def _limit(g):
    """The size beyond which sketches become dense: small ones make them do so often."""
    return [b"hll-sparse-max-bytes", g.pick((b"0", b"18", b"25", b"60", b"300", b"3000", b"3000", b"20000"))]


def _damage_header(g):
    """A change of a few bytes of what may be a sketch's header: its encoding, its cached count. A sketch with all its
    registers is never said to hold runs: what a write does to bytes that are none is nobody's to say."""
    at, damage = g.pick((0, 4, 5, 8, 13)), g.blob(g.rng.randint(1, 3))
    if at == 4 and damage[:1] == b"\x01":
        damage = b"\x02" + damage[1:]
    return [_key(g), b"%d" % at, damage]


def _damage_runs(g):
    """Registers that may be too many or too few, and what finds it. Then the key is gone."""
    key = _key(g)
    damage = g.pick(([b"APPEND", key, g.pick((b"\x00", b"\x80", b"\x7f\xff"))],
                     [b"SETRANGE", key, b"%d" % g.pick((16, 17, 18, 30, 100)), g.blob(g.rng.randint(1, 3))]))
    finds = [[b"PFCOUNT", key], [b"PFCOUNT", key, _key(g)], [b"PFMERGE", _key(g), key],
             [b"PFDEBUG", b"TODENSE", key]]
    g.rng.shuffle(finds)
    return [Op(g.conn, argv) for argv in [damage] + finds[:g.rng.randint(1, 4)] + [[b"DEL", key]]]


ROWS = [
    Row(20, b"PFADD", lambda g: [_key(g)] + _elements(g, g.pick((3, 3, 40, 300)))),
    Row(6, b"PFCOUNT", lambda g: [_key(g)]),
    Row(4, b"PFCOUNT", lambda g: _keys(g, 4)),
    Row(6, b"PFMERGE", lambda g: _keys(g, 4)),
    Row(6, b"GET", lambda g: [_key(g)]),
    Row(2, b"PFDEBUG", lambda g: [g.word(g.pick((b"ENCODING", b"DECODE"))), _key(g)]),
    Row(0.3, b"PFDEBUG", lambda g: [g.word(g.pick((b"TODENSE", b"GETREG", b"FOO", b""))), _key(g)]),
    Row(2, b"CONFIG SET", _limit, mutate=False),
    Row(0.5, b"SETRANGE", _damage_header),
    Row(0.5, b"PFCOUNT", _damage_runs),
    Row(0.5, b"SET", lambda g: [_key(g), g.value()]),
    Row(1, b"DEL", lambda g: _keys(g, 2)),
]
