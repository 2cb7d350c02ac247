"""The grammar of scripts: random Lua values returned, random commands called, errors, the sandbox and the libraries.

Texts that 7.2 or Valkey 8 words otherwise than 7.0 (an unknown command, a wrong number of arguments) are left to
the tests in C++, and so are functions of libraries that Debian's redis-server takes from Debian's packages.
"""

from grammar import Row

_STRINGS = (b"''", b"'x'", b"'hello world'", b"'a\\0b'", b"'line\\r\\nbreak'", b"('y'):rep(60)", b"'3'", b"'-1'", b"'1e3'")
# 7.0 writes numbers with 17 digits, later versions with the fewest that read back: these are the same in both.
_ARGUMENTS = (b"0", b"1", b"-1", b"3.5", b"-0.25", b"1e15", b"2^53")
_NUMBERS = _ARGUMENTS + (b"1/0", b"-1/0", b"0x10", b"-0")
_OTHERS = (b"true", b"false", b"nil", b"{}", b"print", b"tostring", b"KEYS", b"ARGV", b"KEYS[1]", b"ARGV[1]",
           b"#ARGV", b"coroutine.create(tostring)", b"cjson.null")


def _literal(g):
    return g.pick(g.pick((_STRINGS, _NUMBERS, _OTHERS)))


def _expression(g, depth=3):
    """Any value: a literal, a table of a kind that replies know, an operation."""
    roll = g.rng.random()
    if depth == 0 or roll < 0.35:
        return _literal(g)
    inner = lambda: _expression(g, depth - 1)
    if roll < 0.55:
        return b"{" + b",".join(inner() for _ in range(g.rng.randint(0, 4))) + b"}"
    if roll < 0.80:
        # One key at most where the order of a hash table would show.
        return g.pick((b"{ok=%s}", b"{err=%s}", b"{double=%s}", b"{big_number=%s}", b"{map={a=%s}}", b"{map={[1]=%s}}",
                       b"{set={a=%s}}", b"{verbatim_string={format='txt',string=%s}}", b"{x=%s}", b"{[2]=%s}",
                       b"setmetatable({%s},{__index=function() return 7 end})")) % inner()
    if roll < 0.90:
        return g.pick((b"%s .. ''", b"#%s", b"-%s", b"not %s", b"type(%s)", b"tonumber(%s)", b"({%s})[1]",
                       b"select('#',%s)", b"redis.status_reply(%s)", b"redis.error_reply(%s)",
                       b"cmsgpack.unpack(cmsgpack.pack(%s))", b"cjson.encode({%s})", b"redis.sha1hex(%s)",
                       b"{pcall(error, %s)}", b"{pcall(function() error(%s) end)}", b"bit.tobit(%s)")) % inner()
    return g.pick((b"%s + %s", b"%s == %s", b"%s < %s", b"%s and %s", b"%s or %s", b"{%s, %s}")) % (inner(), inner())


def _lua_string(data):
    return b"'" + b"".join(b"\\%03d" % c for c in data) + b"'"


def _called(g):
    """A command whose reply does not depend on the order of a hash table or on the time."""
    key = lambda: b"KEYS[1]" if g.chance(0.5) else _lua_string(g.key())
    value = lambda: b"ARGV[1]" if g.chance(0.3) else _lua_string(g.value()) if g.chance(0.7) else g.pick(_ARGUMENTS)
    return g.pick((
        lambda: [b"'get'", key()], lambda: [b"'set'", key(), value()], lambda: [b"'incr'", key()],
        lambda: [b"'append'", key(), value()], lambda: [b"'strlen'", key()], lambda: [b"'del'", key(), key()],
        lambda: [b"'mget'", key(), key()], lambda: [b"'lpush'", key(), value()], lambda: [b"'lrange'", key(), b"0", b"-1"],
        lambda: [b"'type'", key()], lambda: [b"'exists'", key()], lambda: [b"'hset'", key(), b"'f'", value()],
        lambda: [b"'hget'", key(), b"'f'"], lambda: [b"'ping'"], lambda: [b"'echo'", value()],
        lambda: [b"'select'", g.pick((b"0", b"1", b"99"))], lambda: [b"'setrange'", key(), b"2", value()],
        lambda: [b"'incrby'", key(), value()], lambda: [b"'rename'", key(), key()], lambda: [b"'dbsize'"],
        lambda: [b"'zadd'", key(), b"1", value()], lambda: [b"'zscore'", key(), value()],
        lambda: [b"'multi'"], lambda: [b"'subscribe'", value()], lambda: [b"'eval'", b"'return 1'", b"0"]))()


def _statement(g):
    call = g.pick((b"call", b"pcall", b"call"))
    text = b"redis." + call + b"(" + b", ".join(_called(g)) + b")"
    roll = g.rng.random()
    if roll < 0.5:
        return b"r[#r+1] = " + text
    if roll < 0.7:
        return b"r[#r+1] = {pcall(function() return " + text + b" end)}"
    if roll < 0.8:
        return b"r[#r+1] = type(" + text + b")"
    if roll < 0.9:
        return b"redis.setresp(" + g.pick((b"2", b"3")) + b")"
    return text


def _keys_and_arguments(g):
    keys, arguments = g.keys(2), [g.value() for _ in range(g.rng.randint(1, 2))]
    return [b"%d" % len(keys)] + keys + arguments


def _value(g):
    return [b"return " + _expression(g)] + _keys_and_arguments(g)


def _calls(g):
    body = b"local r = {}\n" + b"\n".join(_statement(g) for _ in range(g.rng.randint(1, 5))) + b"\nreturn r"
    return [body] + _keys_and_arguments(g)


_MISUSE = (b"a = 1", b"return a", b"redis = 1", b"redis.call = 1", b"redis.x = 1", b"setmetatable(_G, {})", b"rawset(_G, 'a', 1)",
           b"return dofile", b"return loadstring('return 5')()", b"return load('x')", b"error('x')", b"error({err='MY x'})",
           b"error()", b"error(5)", b"local function f() return f() + 1 end return f()", b"return redis.call()",
           b"return redis.pcall()", b"return 1 +", b"x y", b"return ('x'):rep(3, 4)", b"for i = 1, 10 do end", b"",
           b"return redis.log(1)", b"return redis.log('x', 'y')", b"redis.log(99, 'x')", b"redis.setresp(1)",
           b"redis.setresp()", b"return redis.sha1hex()", b"return redis.status_reply(1)", b"return redis.error_reply({})",
           b"return redis.error_reply('-X y')", b"return redis.replicate_commands()", b"return redis.breakpoint()",
           b"return redis.acl_check_cmd('get', 'x')", b"#!lua\nreturn 1", b"#!lua flags=no-writes\nreturn redis.call('set','a','b')",
           b"#!lua flags=x\nreturn 1", b"#!lua name=x\nreturn 1", b"#!x\nreturn 1", b"#!lua", b"#!\nreturn 1",
           b"return math.random(2, 1)", b"math.randomseed(7) return {math.random(1000), math.random(1000)}",
           b"math.randomseed(-1) return tostring(math.random())", b"return tostring(1e15)", b"return tostring(0.1)",
           b"return table.concat({1, 2.5, 'x'}, ',')", b"return string.format('%5.2f|%d|%s', 1.005, 3, 'x')",
           b"return {struct.unpack('>I2hs', struct.pack('>I2hs', 513, -2, 'abc'))}", b"return struct.pack('i', 'x')",
           b"return struct.unpack('i', 'ab')", b"return struct.size('i4d')", b"return struct.pack('>!4 b i4 d f', 1, 2, 3.5, 4)",
           b"return {struct.unpack('c0', 'abc')}", b"return {struct.unpack('bc0', '\\3abcdef')}",
           b"return cmsgpack.pack({1, 2, {a = 'b'}}, 1.5, -33, 70000, 'x', true, nil)", b"return cmsgpack.unpack('\\193')",
           b"return {cmsgpack.unpack_one(cmsgpack.pack(1, 2), 1)}", b"return {cmsgpack.unpack_limit('\\1\\2\\3', 2)}",
           b"return cmsgpack.unpack('\\205\\1')", b"return cmsgpack.pack()", b"return bit.tohex(-1)", b"return bit.band()")


def _misuse(g):
    return [g.pick(_MISUSE)] + _keys_and_arguments(g)


ROWS = [
    Row(10, b"EVAL", _value),
    Row(10, b"EVAL", _calls, mutate=False),
    Row(4, b"EVAL_RO", _calls, mutate=False),
    Row(6, b"EVAL", _misuse, mutate=False),
    Row(1, b"EVAL", lambda g: [b"return 1", g.integer(0.5)]),
    Row(1, b"SCRIPT", lambda g: [g.word(b"LOAD"), b"return " + _literal(g)], mutate=False),
    Row(1, b"SCRIPT", lambda g: [g.word(b"EXISTS"), b"e0e1f9fabfc9d4800c877a703b823ac0578ff8db", g.value()], mutate=False),
    Row(2, b"EVALSHA", lambda g: [b"e0e1f9fabfc9d4800c877a703b823ac0578ff8db", b"0"]),
    Row(0.3, b"SCRIPT", lambda g: [g.word(b"FLUSH")] + ([g.word(g.pick((b"SYNC", b"ASYNC", b"x")))] if g.chance(0.5) else []),
        mutate=False),
    Row(0.3, b"SCRIPT", lambda g: [g.word(b"KILL")], mutate=False),
    Row(3, b"SET", lambda g: [g.key(), g.value()]),
    Row(1, b"DEL", lambda g: g.keys(3)),
]
