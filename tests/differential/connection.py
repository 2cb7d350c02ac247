"""The grammar of the connection commands, inline requests and broken protocol."""

from grammar import Op, Row


def _outside_multi(make):
    return lambda g: None if g.in_multi.get(g.conn) else make(g)


def _hello(g):
    if g.in_multi.get(g.conn):
        return None
    args = []
    if g.chance(0.85):
        args.append(g.pick((b"2", b"3", b"3", b"2", b"1", b"4", b"0", b"-1", b"abc", b"3.0",
                            b"9223372036854775808")))
    if g.chance(0.07):
        # One option only, here and below: 7.0 acts on each before it reads on.
        return args + [g.pick((b"AUTH", b"SETNAME", b"foo"))]
    if g.chance(0.15):
        args += [g.word(b"SETNAME"), g.pick((b"alpha", b"", b"with space", b"nl\n", b"\x80"))]
    elif g.chance(0.15):
        args += [g.word(b"AUTH"), g.pick((b"default", b"nosuchuser")), b"secret"]
    if len(args) == 1 and g.chance(0.05):  # later versions act on AUTH and SETNAME only once all options are parsed
        args += [g.pick((b"AUTH", b"SETNAME", b"foo"))]
    return args


def _silence(g):
    """A stretch without replies; it always ends with one, so that the other connection's turn comes after it."""
    if g.in_multi.get(g.conn):
        return None
    client, reply = g.word(b"CLIENT"), g.word(b"REPLY")
    if g.chance(0.5):
        return [Op(g.conn, [client, reply, g.word(b"SKIP")]), Op(g.conn, [b"INCR", g.key()]),
                Op(g.conn, [b"GET", g.key()])]
    ops = [Op(g.conn, [client, reply, g.word(b"OFF")])]
    ops += [Op(g.conn, [b"INCR", g.key()]) for _ in range(g.rng.randint(0, 3))]
    if g.chance(0.3):
        ops.append(Op(g.conn, [client, reply, b"SKIP"]))
    return ops + [Op(g.conn, [client, reply, b"ON"])]


_INLINE = [
    (b"PING\r\n", [b"PING"]), (b"ping\n", [b"PING"]), (b"  PING   \r\n", [b"PING"]),
    (b"ECHO \"a\\x41\\n\"\r\n", [b"ECHO"]),
    (b"ECHO 'it\\'s'\r\n", [b"ECHO"]), (b"SET k1 \"two words\"\r\n", [b"SET"]), (b"GET k1\r\n", [b"GET"]),
    (b"\"GET\" \"k1\"\r\n", [b"GET"]), (b"nosuch thing\r\n", [b"NOSUCH"]), (b"\r\nPING\r\n", [b"PING"]),
    (b"ECHO \"\"\r\n", [b"ECHO"]), (b"*0\r\nPING\r\n", [b"PING"]), (b"*-1\r\nPING\r\n", [b"PING"]),
    (b"ECHO \x01\xff\r\n", [b"ECHO"]), (b"ECHO a\"b\"\r\n", [b"ECHO"]),
]

# Not here: POST and Host:, upon which redis-server also drops replies to earlier commands of the pipeline.
_BROKEN = [
    b"*abc\r\n", b"*2147483648\r\n", b"*1\r\nGET\r\n", b"*1\r\n$abc\r\n", b"*1\r\n$-1\r\n", b"*1\r\n$536870913\r\n",
    b"*1\r\n$\r\n", b"*99999999999999999999\r\n", b"*1\r\n:1\r\n", b"*1\r\n\r\n", b"ECHO 'abc\r\n",
    b"ECHO \"abc\r\n",
    b"*2\r\n$3\r\nGET\r\n*1\r\n", b"*1\r\n$ 4\r\nPING\r\n", b"*+1\r\n$4\r\nPING\r\n", b"*01\r\n",
]


def _inline(g):
    raw, argv = g.pick(_INLINE)
    return Op(g.conn, argv, raw=raw)


def _broken(g):
    g.in_multi[g.conn] = False
    return Op(g.conn, [b"(broken protocol)"], raw=g.pick(_BROKEN), closes=True)


def _quit(g):
    g.in_multi[g.conn] = False
    return Op(g.conn, [g.word(b"QUIT")], closes=True)


def _reset(g):
    g.in_multi[g.conn] = False
    return []


_NAMES = (b"alpha", b"beta", b"", b"with space", b"new\nline", b"\x7f", b"\x80\xff", b"a" * 100, b"~!@#")

ROWS = [
    Row(6, b"PING", lambda g: g.pick(([], [], [g.value()], [g.value(), g.value()]))),
    Row(4, b"ECHO", lambda g: [g.value()]),
    Row(4, b"HELLO", _hello, mutate=False),
    Row(2, b"SELECT", lambda g: [g.pick((b"0", b"1", b"15", b"16", b"-1", b"x", b"", b"00", b"1.0",
                                         b"99999999999999999999"))]),
    Row(2, b"RESET", _reset, mutate=False),
    Row(0.4, b"QUIT", _quit, mutate=False),
    Row(0.3, b"PING", _broken, mutate=False),
    Row(4, b"PING", _outside_multi(_inline), mutate=False),
    Row(2, b"AUTH", lambda g: g.pick(([b"x"], [b"default", b"x"], [b"nosuchuser", b"x"], [],
                                      [b"a", b"b", b"c"])), mutate=False),
    Row(3, b"CLIENT SETNAME", lambda g: [g.pick(_NAMES)]),
    Row(3, b"CLIENT GETNAME", lambda g: []),
    Row(2, b"CLIENT ID", lambda g: []),
    Row(2, b"CLIENT INFO", lambda g: []),
    Row(1, b"CLIENT LIST", lambda g: g.pick(([b"TYPE", b"pubsub"], [b"TYPE", b"foo"], [b"TYPE"],
                                             [b"ID", b"999999"], [b"ID", b"x"],
                                             [b"ID"], [b"foo", b"x"], [b"TYPE", b"replica"],
                                             [b"TYPE", b"master"]))),
    Row(1, b"CLIENT NO-EVICT", lambda g: [g.pick((b"ON", b"off", b"foo"))]),
    Row(1, b"CLIENT GETREDIR", lambda g: []),
    Row(1, b"CLIENT TRACKINGINFO", lambda g: []),
    Row(1, b"CLIENT CACHING", lambda g: [g.pick((b"YES", b"no", b"foo"))]),
    Row(1, b"CLIENT UNPAUSE", lambda g: []),
    Row(0.3, b"CLIENT PAUSE", lambda g: g.pick(([b"1", b"WRITE"], [b"0"], [b"x"], [b"-1"], [b"1", b"foo"], [])),
        mutate=False),
    Row(1, b"CLIENT UNBLOCK", lambda g: g.pick(([b"999999"], [b"999999", b"ERROR"], [b"x"],
                                                [b"999999", b"foo"])), mutate=False),
    Row(1, b"CLIENT KILL", lambda g: g.pick(([b"ID", b"999999"], [b"1.2.3.4:5"], [b"ADDR", b"1.2.3.4:5"],
                                             [b"ID", b"x"], [b"USER", b"nosuch"],
                                             [b"ID", b"-1"], [b"TYPE", b"foo"],
                                             [b"ID", b"999999", b"SKIPME", b"maybe"], [b"FOO", b"x"],
                                             [b"ID", b"999999", b"SKIPME"])), mutate=False),
    Row(1, b"CLIENT REPLY", lambda g: [g.pick((b"ON", b"foo"))], mutate=False),
    Row(1, b"CLIENT REPLY", _silence, mutate=False),
    Row(0.5, b"CLIENT", lambda g: g.pick(([], [b"foo"], [b"HELP"], [b"foo", b"bar"], [b"\xff\x00"])), mutate=False),
    Row(1, b"NOSUCHCOMMAND", lambda g: [g.value() for _ in range(g.rng.randint(0, 4))]),
    Row(0.5, b"", lambda g: []),
    Row(4, b"SET", lambda g: [g.key(), g.value()]),
    Row(4, b"GET", lambda g: [g.key()]),
]
