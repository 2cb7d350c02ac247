"""The grammar of the list commands."""

from grammar import Op, Row

# Few and short, so that they meet again; both sides of the listpack's encodings; and some that stand alone or fill
# a node when the limit is low.
_FEW = (b"a", b"b", b"c", b"", b"1", b"-1", b"127", b"128", b"4095", b"4096", b"-4097", b"32768", b"-8388609",
        b"2147483648", b"9223372036854775807", b"01", b"-0", b"x" * 63, b"x" * 64)


def _element(g):
    roll = g.rng.random()
    if roll < 0.75:
        return g.pick(_FEW)
    if roll < 0.95:
        return g.value()
    return g.pick((b"y" * 200, b"z" * 4080, b"z" * 4090, b"z" * 4096, b"w" * 8190, b"w" * 9000, b"v" * 70000))


def _push(g):
    few = 3 if g.chance(0.9) else 40
    return [g.key()] + [_element(g) for _ in range(g.rng.randint(1, few))]


def _count(g):
    return g.pick((b"0", b"1", b"1", b"2", b"3", b"10", b"1000", b"9223372036854775807")) if g.chance(0.9) \
        else g.pick((b"-1", b"x", b"", b"1.5", b"9223372036854775808", b"-9223372036854775808"))


def _pop(g):
    return [g.key()] + ([_count(g)] if g.chance(0.3) else [])


def _end(g):
    return g.word(g.pick((b"LEFT", b"RIGHT"))) if g.chance(0.98) else g.pick((b"", b"HEAD", b"LEFTT"))


def _index(g):
    return b"%d" % g.rng.randint(-30, 30) if g.chance(0.8) else g.index()


# redis-server 7.0 takes the least int64 as any other number, later ones do not.
def _amount(g):
    n = b"%d" % g.rng.randint(-4, 4) if g.chance(0.9) else g.integer()
    return n if n != b"-9223372036854775808" else b"0"


def _lpos(g):
    args = [g.key(), _element(g)]
    options = []
    if g.chance(0.4):
        options.append([g.word(b"RANK"), _amount(g)])
    if g.chance(0.4):
        options.append([g.word(b"COUNT"), _count(g)])
    if g.chance(0.3):
        options.append([g.word(b"MAXLEN"), _count(g)])
    if g.chance(0.03):
        options.append([g.pick((b"RANK", b"COUNT", b"foo", b""))])
    g.rng.shuffle(options)
    for option in options:
        args += option
    return args


def _lmpop(g):
    keys = g.keys(3)
    n = b"%d" % len(keys) if g.chance(0.93) else g.pick((b"0", b"-1", b"x", b"1", b"3", b"9223372036854775807"))
    args = [n] + keys + [_end(g)]
    if g.chance(0.5):
        args += [g.word(b"COUNT"), _count(g)]
    if g.chance(0.02):
        args.append(g.pick((b"COUNT", b"foo")))
    return args


# A blocking command waits only outside a transaction, and then for so short a time that the reply comes in time; a
# transaction is where every timeout is judged alike.
def _timeout(g):
    return b"0.01" if g.chance(0.85) else g.pick((b"-1", b"x", b"", b"0x", b"-0.5", b"nan", b" 1"))


def _trim(g):
    # Most trims keep most.
    if g.chance(0.6):
        return [g.key(), g.pick((b"0", b"1", b"2")), g.pick((b"-1", b"-2", b"-3"))]
    return [g.key(), _index(g), _index(g)]


def _limit(g):
    if g.in_multi.get(g.conn):
        return None
    return Op(g.conn, [b"CONFIG", b"SET", b"list-max-listpack-size",
                       g.pick((b"-2", b"-2", b"-1", b"1", b"2", b"3", b"5", b"16", b"128", b"0", b"-5"))])


ROWS = [
    Row(12, b"LPUSH", _push),
    Row(14, b"RPUSH", _push),
    Row(2, b"LPUSHX", _push),
    Row(2, b"RPUSHX", _push),
    Row(5, b"LPOP", _pop),
    Row(5, b"RPOP", _pop),
    Row(4, b"LLEN", lambda g: [g.key()]),
    Row(5, b"LINDEX", lambda g: [g.key(), _index(g)]),
    Row(10, b"LINSERT", lambda g: [g.key(), g.word(g.pick((b"BEFORE", b"AFTER"))), _element(g), _element(g)]),
    Row(0.2, b"LINSERT", lambda g: [g.key(), g.pick((b"", b"foo")), _element(g), _element(g)]),
    Row(6, b"LPOS", _lpos),
    Row(8, b"LRANGE", lambda g: [g.key(), _index(g), _index(g)]),
    Row(4, b"LRANGE", lambda g: [g.key(), b"0", b"-1"]),
    Row(5, b"LREM", lambda g: [g.key(), _amount(g), _element(g)]),
    Row(8, b"LSET", lambda g: [g.key(), _index(g), _element(g)]),
    Row(2, b"LTRIM", _trim),
    Row(5, b"LMOVE", lambda g: [g.key(), g.key(), _end(g), _end(g)]),
    Row(4, b"RPOPLPUSH", lambda g: [g.key(), g.key()]),
    Row(4, b"LMPOP", _lmpop),
    Row(0.7, b"BLPOP", lambda g: g.keys(3) + [_timeout(g)]),
    Row(0.7, b"BRPOP", lambda g: g.keys(3) + [_timeout(g)]),
    Row(0.5, b"BLMOVE", lambda g: [g.key(), g.key(), _end(g), _end(g), _timeout(g)]),
    Row(0.5, b"BRPOPLPUSH", lambda g: [g.key(), g.key(), _timeout(g)]),
    Row(0.5, b"BLMPOP", lambda g: [_timeout(g)] + _lmpop(g)),
    Row(1, b"CONFIG", _limit, mutate=False),
]
