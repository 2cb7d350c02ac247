#!/usr/bin/env python3
"""The clients people have, unmodified: redis-py, redis-cli and redis-benchmark against the built server."""

import csv
import io
import shutil
import subprocess
import threading
import time
import unittest

import redis

from server_process import ServerTestCase

REDIS_CLI = shutil.which("redis-cli")
REDIS_BENCHMARK = shutil.which("redis-benchmark")


class RedisPyTest(ServerTestCase):
    """redis-py parses replies by command, so a reply of the wrong shape fails here even where its bytes look
    plausible."""

    def setUp(self):
        self.r = redis.Redis("127.0.0.1", port=self.server.port, decode_responses=True)
        self.r.flushall()
        self.addCleanup(self.r.close)

    def test_strings(self):
        r = self.r
        self.assertTrue(r.set("k", "v", ex=100, nx=True))
        self.assertIsNone(r.set("k", "w", nx=True))
        self.assertEqual(r.set("k", "w", keepttl=True, get=True), "v")
        self.assertEqual(r.ttl("k"), 100)
        self.assertEqual(r.getex("k", persist=True), "w")
        self.assertEqual(r.ttl("k"), -1)
        self.assertEqual(r.append("k", "orld"), 5)
        self.assertEqual(r.setrange("k", 5, "!"), 6)
        self.assertEqual(r.getrange("k", 0, -2), "world")
        self.assertEqual(r.strlen("k"), 6)
        self.assertTrue(r.mset({"a": 1, "b": "2"}))
        self.assertFalse(r.msetnx({"b": 3, "c": 4}))
        self.assertEqual(r.mget("a", "b", "c"), ["1", "2", None])
        self.assertEqual(r.incr("a"), 2)
        self.assertEqual(r.decrby("a", 5), -3)
        self.assertEqual(r.incrbyfloat("a", 0.5), -2.5)
        self.assertEqual(r.getset("a", "x"), "-2.5")
        self.assertEqual(r.getdel("a"), "x")
        self.assertEqual(r.setex("a", 10, "y"), True)
        self.assertEqual(r.psetex("a", 10000, "y"), True)
        self.assertEqual(r.execute_command("LCS", "k", "b"), "")
        binary = redis.Redis("127.0.0.1", port=self.server.port)
        self.addCleanup(binary.close)
        everything = bytes(range(256)) * 100
        binary.set(b"\x00\r\n", everything)
        self.assertEqual(binary.get(b"\x00\r\n"), everything)

    def test_errors_arrive_as_the_exceptions_programs_catch(self):
        self.r.set("k", "v")
        with self.assertRaisesRegex(redis.ResponseError, "value is not an integer or out of range"):
            self.r.incr("k")
        with self.assertRaisesRegex(redis.ResponseError, "unknown command 'NOSUCH'"):
            self.r.execute_command("NOSUCH", "x")
        with self.assertRaisesRegex(redis.ResponseError, "wrong number of arguments for 'get' command"):
            self.r.execute_command("GET")

    def test_keys(self):
        r = self.r
        r.mset({f"key:{i}": i for i in range(200)})
        self.assertEqual(len(r.keys("key:1?")), 10)
        self.assertEqual(sorted(r.scan_iter("key:*", count=17)), sorted(f"key:{i}" for i in range(200)))
        self.assertEqual(r.exists("key:1", "key:2", "no", "key:1"), 3)
        self.assertEqual(r.type("key:1"), "string")
        self.assertTrue(r.expire("key:1", 50))
        self.assertTrue(49 <= r.ttl("key:1") <= 50)
        self.assertTrue(49000 <= r.pttl("key:1") <= 50000)
        self.assertTrue(r.persist("key:1"))
        self.assertTrue(r.rename("key:1", "other"))
        self.assertFalse(r.renamenx("other", "key:2"))
        self.assertTrue(r.copy("other", "copy"))
        self.assertEqual(r.touch("copy", "other"), 2)
        self.assertEqual(r.delete("copy", "no"), 1)
        self.assertEqual(r.unlink("other"), 1)
        self.assertIn(r.randomkey(), r.keys())
        self.assertEqual(r.dbsize(), 199)
        self.assertEqual(r.object("encoding", "key:2"), "int")
        self.assertTrue(r.move("key:2", 1))
        self.assertEqual(r.dbsize(), 198)
        r.set("brief", "v", px=30)
        time.sleep(0.05)
        self.assertIsNone(r.get("brief"))
        self.assertTrue(r.flushdb())
        self.assertEqual(r.dbsize(), 0)

    def test_pipelines_and_transactions(self):
        with self.r.pipeline(transaction=False) as p:
            for i in range(1000):
                p.set(f"k{i}", i).get(f"k{i}")
            replies = p.execute()
        self.assertEqual(replies, [x for i in range(1000) for x in (True, str(i))])
        with self.r.pipeline() as p:
            self.assertEqual(p.incr("n").incr("n").get("n").execute(), [1, 2, "2"])
        with self.r.pipeline() as p:
            p.watch("n")
            self.r.set("n", "changed")
            p.multi()
            p.get("n")
            with self.assertRaises(redis.WatchError):
                p.execute()

    def test_a_watched_counter_loses_no_update(self):
        def add_one(pipeline):
            total = int(pipeline.get("sum") or 0)
            pipeline.multi()
            pipeline.set("sum", total + 1)

        def add(_):
            with redis.Redis("127.0.0.1", port=self.server.port) as r:
                for _ in range(50):
                    r.transaction(add_one, "sum")

        threads = [threading.Thread(target=add, args=(i,)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.r.get("sum"), "300")

    def test_publish_and_subscribe(self):
        messages = self.r.pubsub()
        messages.subscribe("news")
        messages.psubscribe("n*")
        kinds = [messages.get_message(timeout=2)["type"] for _ in range(2)]
        self.assertEqual(kinds, ["subscribe", "psubscribe"])
        self.assertEqual(self.r.publish("news", "hello"), 2)
        got = [messages.get_message(timeout=2) for _ in range(2)]
        self.assertEqual(sorted((m["type"], m["channel"], m["data"]) for m in got),
                         [("message", "news", "hello"), ("pmessage", "news", "hello")])
        self.assertEqual(self.r.pubsub_channels(), ["news"])
        self.assertEqual(self.r.pubsub_numsub("news", "none"), [("news", 1), ("none", 0)])
        self.assertEqual(self.r.pubsub_numpat(), 1)
        messages.close()

    def test_the_server_tells_about_itself(self):
        r = self.r
        self.assertTrue(r.ping())
        self.assertEqual(r.echo("x"), "x")
        self.assertTrue(r.client_setname("tester"))
        self.assertEqual(r.client_getname(), "tester")
        self.assertIn(r.client_id(), [int(c["id"]) for c in r.client_list()])
        self.assertEqual(r.client_info()["name"], "tester")
        self.assertTrue(r.config_set("maxmemory-samples", 7))
        self.assertEqual(r.config_get("maxmemory-samples"), {"maxmemory-samples": "7"})
        info = r.info()
        self.assertGreaterEqual(int(info["redis_version"].split(".")[0]), 7)
        self.assertGreater(info["used_memory"], 0)
        self.assertEqual(info["connected_clients"], len(r.client_list()))
        r.set("k", "v")
        self.assertEqual(r.info("keyspace")["db0"]["keys"], 1)
        self.assertEqual(r.command_count(), len(r.command()))
        self.assertEqual(r.command()["get"]["arity"], 2)
        self.assertIsInstance(r.time()[0], int)
        self.assertIsInstance(r.slowlog_get(), list)
        self.assertGreater(r.memory_usage("k"), 0)


@unittest.skipUnless(REDIS_CLI, "redis-cli is not installed")
class RedisCliTest(ServerTestCase):
    def cli(self, *args, stdin=None):
        done = subprocess.run([REDIS_CLI, "-p", str(self.server.port), *args], input=stdin or b"",
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, b"")
        return done.stdout

    def setUp(self):
        self.cli("FLUSHALL")

    def test_single_commands(self):
        self.assertEqual(self.cli("SET", "k", "v"), b"OK\n")
        self.assertEqual(self.cli("GET", "k"), b"v\n")
        self.assertEqual(self.cli("--no-raw", "GET", "none"), b"(nil)\n")
        self.assertEqual(self.cli("--no-raw", "STRLEN", "k"), b"(integer) 1\n")
        self.assertIn(b"ERR wrong number of arguments for 'get' command", self.cli("GET"))
        self.assertEqual(self.cli("-x", "SET", "x", stdin=b"a\x00b"), b"OK\n")
        self.assertEqual(self.cli("-n", "1", "DBSIZE"), b"0\n")
        self.assertEqual(self.cli("-r", "3", "INCR", "n"), b"1\n2\n3\n")

    def test_a_script_of_commands_with_a_transaction(self):
        out = self.cli(stdin=b"SET a 1\nMULTI\nINCR a\nGET a\nEXEC\nMGET a none\n")
        self.assertEqual(out, b"OK\nOK\nQUEUED\nQUEUED\n2\n2\n2\n\n")

    def test_resp3(self):
        self.assertIn(b'"proto" => (integer) 3', self.cli("-3", "--no-raw", "HELLO", "3"))
        self.assertEqual(self.cli("-3", "--no-raw", "GET", "none"), b"(nil)\n")
        self.assertIn(b'"maxmemory-samples" => ', self.cli("-3", "--no-raw", "CONFIG", "GET", "maxmemory-samples"))

    def test_mass_insertion_through_a_pipe(self):
        commands = b"".join(b"*3\r\n$3\r\nSET\r\n$8\r\nk%07d\r\n$4\r\nabcd\r\n" % i for i in range(50000))
        self.assertIn(b"errors: 0, replies: 50000", self.cli("--pipe", stdin=commands))
        self.assertEqual(self.cli("DBSIZE"), b"50000\n")
        self.assertEqual(len(set(self.cli("--scan", "--pattern", "k*").split())), 50000)

    def test_big_keys(self):
        self.cli("SET", "small", "v")
        self.cli("SET", "large", "v" * 5000)
        out = self.cli("--bigkeys")
        self.assertRegex(out, rb'Biggest string found .*large.* has 5000 bytes')

    def test_help_of_the_containers(self):
        for container in ("CLIENT", "CONFIG", "COMMAND", "OBJECT", "PUBSUB"):
            self.assertIn(b"HELP", self.cli(container, "HELP"))


@unittest.skipUnless(REDIS_BENCHMARK, "redis-benchmark is not installed")
class RedisBenchmarkTest(ServerTestCase):
    TESTS = ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"]

    def benchmark(self, *args):
        done = subprocess.run([REDIS_BENCHMARK, "-p", str(self.server.port), "-t", "ping,set,get,incr,mset",
                               "--csv", *args],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # A server that has no CONFIG or answers with errors makes it warn or stop.
        self.assertNotIn("WARN", done.stdout + done.stderr)
        self.assertNotIn("Error", done.stdout + done.stderr)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual([row["test"] for row in rows], self.TESTS)
        for row in rows:
            self.assertGreater(float(row["rps"]), 100, row)  # with a sanitizer, on a busy machine

    def test_one_request_at_a_time(self):
        self.benchmark("-n", "10000", "-c", "50")

    def test_deep_pipelines(self):
        self.benchmark("-n", "100000", "-c", "50", "-P", "64", "-r", "100000")

    def test_large_values_and_several_threads(self):
        self.benchmark("-n", "5000", "-c", "20", "-d", "20000", "--threads", "2")

    def test_values_written_are_there_afterwards(self):
        self.benchmark("-n", "20000", "-r", "1000", "-P", "16")
        r = redis.Redis("127.0.0.1", port=self.server.port)
        self.addCleanup(r.close)
        self.assertGreater(int(r.get("counter:000000000001") or 0) + r.dbsize(), 1000)


if __name__ == "__main__":
    unittest.main()
