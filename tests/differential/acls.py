"""The grammar of ACL and AUTH: rules in random order, and users whose calls are tried."""

from grammar import Row

_USERS = (b"alice", b"alice", b"bob", b"bob", b"carol", b"nosuchuser")
_SHA = b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of abc
_COMMANDS = (b"get", b"set", b"GET", b"mset", b"del", b"config", b"config|get", b"CONFIG|Set", b"client|list", b"select",
             b"publish", b"psubscribe", b"sort", b"object|encoding", b"zunionstore")
_CATEGORIES = (b"read", b"write", b"STRING", b"keyspace", b"fast", b"admin", b"dangerous", b"pubsub")
_NAMES = (b"*", b"a*", b"b?", b"k[12]", b"k1", b"news.*", b"x")
# What no command and no category has, and what is no rule at all.
_WRONG = (b"+nosuch", b"-nosuch", b"+@nosuch", b"+config|nosuch", b"-select|0", b"+select|", b"+config|get|x", b"gibberish",
          b"%~x", b"%RR~x", b"%X~x", b"%R", b"~a b", b"&a b", b"#abc", b"!abc", b"<nosuch", b"(+get", b"(on)", b"(gibberish)",
          b"(+nosuch)", b"!" + _SHA[::-1], b"+", b"-", b"+@", b"(", b")")


def _selector_rule(g):
    return g.pick((
        lambda: g.pick((b"+", b"-")) + g.pick(_COMMANDS),
        lambda: b"~" + g.pick(_NAMES),
        lambda: b"%" + g.pick((b"R", b"w", b"RW", b"wr")) + b"~" + g.pick(_NAMES),
        lambda: b"&" + g.pick(_NAMES),
        lambda: b"+select|" + g.pick((b"0", b"1", b"X")),
        lambda: g.pick((b"resetkeys", b"resetchannels", b"allkeys", b"allchannels", b"+@all", b"-@all", b"AllCommands",
                        b"nocommands")),
    ))()


def _rule(g):
    if g.chance(0.05):
        return g.pick(_WRONG)
    if g.chance(0.12):
        return b"(" + b" ".join(_selector_rule(g) for _ in range(g.rng.randint(0, 3))) + b")"
    if g.chance(0.3):
        return g.pick((b"on", b"off", b"ON", b"nopass", b"resetpass", b">abc", b">pw", b"<abc", b"<pw", b"#" + _SHA,
                       b"!" + _SHA, b"reset", b"clearselectors", b"sanitize-payload", b"skip-sanitize-payload"))
    return _selector_rule(g)


def _set_user(g):
    return [g.pick(_USERS[:5])] + [_rule(g) for _ in range(g.rng.randint(0, 5))]


def _category_user(g):
    """Rules about categories are applied to a set of commands that is the version's own: such a user is only shown."""
    return [b"dora"] + [g.pick((b"+@", b"-@")) + g.pick(_CATEGORIES) for _ in range(g.rng.randint(1, 3))]


_CALLS = (
    [b"get", b"k1"], [b"set", b"k1", b"v"], [b"mset", b"a1", b"v", b"k2", b"v"], [b"del", b"a", b"b1"],
    [b"config", b"get", b"x"], [b"config", b"set", b"x", b"y"], [b"select", b"0"], [b"select", b"x"], [b"publish", b"x", b"m"],
    [b"publish", b"news.1", b"m"], [b"psubscribe", b"news.*"], [b"psubscribe", b"a*", b"k1"], [b"subscribe", b"x"],
    [b"spublish", b"k1", b"m"], [b"zunionstore", b"a1", b"2", b"k1", b"k2"], [b"sort", b"k1", b"store", b"a1"], [b"sort", b"k1"],
    [b"object", b"encoding", b"k1"], [b"client", b"list"], [b"set", b"k1", b"v", b"get"], [b"rename", b"a1", b"k1"],
    [b"bitfield", b"k1", b"get", b"u8", b"0"], [b"bitfield", b"k1", b"set", b"u8", b"0", b"1"], [b"getdel", b"b1"],
    [b"eval", b"return 1", b"1", b"k1"], [b"auth", b"x"], [b"ping"], [b"exists", b"k1"], [b"append", b"a1", b"x"],
    [b"get"], [b"get", b"a", b"b"], [b"nosuch"], [b"config", b"nosuch"], [b"config"],
    [b"georadius", b"k1", b"0", b"0", b"1", b"km", b"store", b"a1"], [b"xread", b"streams", b"k1", b"a1", b"0", b"0"],
    [b"lmpop", b"2", b"k1", b"a1", b"left"], [b"copy", b"k1", b"a1"], [b"getex", b"k1", b"persist"],
)

ROWS = [
    Row(14, b"ACL SETUSER", _set_user, mutate=False),
    Row(2, b"ACL SETUSER", _category_user, mutate=False),
    Row(5, b"ACL GETUSER", lambda g: [g.pick(_USERS)], mutate=False),
    Row(2, b"ACL LIST", lambda g: [], mutate=False),
    Row(2, b"ACL USERS", lambda g: [], mutate=False),
    Row(2, b"ACL DELUSER", lambda g: [g.pick(_USERS) for _ in range(g.rng.randint(1, 2))]
        + ([b"default"] if g.chance(0.1) else []), mutate=False),
    Row(14, b"ACL DRYRUN", lambda g: [g.pick(_USERS)] + g.pick(_CALLS), mutate=False),
    Row(1, b"ACL WHOAMI", lambda g: [], mutate=False),
    Row(1, b"ACL CAT", lambda g: g.pick(([], [b"nosuch"], [b"transaction"], [b"hyperloglog"], [b"HYPERLOGLOG"],
                                         [b"a", b"b"])), mutate=False),
    Row(0.5, b"ACL GENPASS", lambda g: g.pick(([], [b"5"], [b"0"], [b"-1"], [b"4097"], [b"x"], [b"1", b"2"])), mutate=False),
    Row(0.5, b"ACL LOG", lambda g: g.pick(([b"RESET"], [b"0"], [b"x"], [b"1", b"2"])), mutate=False),
    Row(0.3, b"ACL", lambda g: g.pick(([], [b"nosuch"], [b"HELP"], [b"LOAD"], [b"SAVE"])), mutate=False),
]
