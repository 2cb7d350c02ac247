#!/usr/bin/env python3
"""The append-only file outlives a killed server, and goes from Pinion to redis-server and back."""

import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import redis

from server_process import server_path
from servers import free_port


class AppendOnlyFileTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="append-only-test-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.process = None
        self.addCleanup(self.kill)

    def start(self, path, *options):
        self.port = free_port()
        self.process = subprocess.Popen(
            [path, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.directory, "--save", "",
             "--appendonly", "yes", "--enable-debug-command", "yes", "--loglevel", "warning", *options],
            stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=self.directory)
        client = redis.Redis("127.0.0.1", port=self.port, decode_responses=True)
        for _ in range(200):
            try:
                client.ping()
                return client
            except redis.exceptions.ConnectionError:
                self.assertIsNone(self.process.poll(), "the server did not start")
                time.sleep(0.05)
        self.fail("the server does not answer")

    def kill(self, with_signal=signal.SIGKILL):
        if self.process is not None:
            self.process.send_signal(with_signal)
            self.process.wait()
            self.process = None

    def test_no_acknowledged_write_is_lost_with_always(self):
        for _ in range(3):
            client = self.start(server_path(), "--appendfsync", "always", "--threads", "2",
                                "--auto-aof-rewrite-min-size", "20kb")
            acknowledged = {}

            def write(name):
                connection = redis.Redis("127.0.0.1", port=self.port, decode_responses=True)
                try:
                    for i in range(1000000):
                        acknowledged[name] = (connection.incr(name), connection.rpush(name + ":list", i))
                except redis.exceptions.ConnectionError:
                    pass

            writers = [threading.Thread(target=write, args=(f"writer{i}",)) for i in range(4)]
            for writer in writers:
                writer.start()
            time.sleep(1)
            self.kill()
            for writer in writers:
                writer.join()
            client = self.start(server_path(), "--appendfsync", "always")
            self.assertEqual(len(acknowledged), 4)
            for name, (count, length) in acknowledged.items():
                self.assertGreaterEqual(int(client.get(name)), count)
                self.assertGreaterEqual(client.llen(name + ":list"), length)
            self.kill()

    def test_files_go_to_redis_server_and_back(self):
        other = shutil.which("redis-server")
        if other is None:
            self.skipTest("redis-server is not installed")
        for path in (server_path(), other, server_path()):
            client = self.start(path)
            for i in range(200):
                client.set(f"s{i}", "v" * i, px=10000000)
                client.rpush(f"l{i % 10}", i, "x" * i)
                client.zadd(f"z{i % 5}", {f"m{i}": i / 3})
                client.hset(f"h{i % 5}", f"f{i}", i)
                client.sadd(f"set{i % 3}", i)
                client.xadd("stream", {"i": i})
            client.pipeline(transaction=True).incr("n").spop("set1").execute()
            client.eval("redis.call('SET', 'a', 1) redis.call('SET', 'b', 2)", 0)
            client.bgrewriteaof()
            for _ in range(200):
                if not client.info("persistence")["aof_rewrite_in_progress"]:
                    break
                time.sleep(0.05)
            self.assertEqual(client.info("persistence")["aof_last_bgrewrite_status"], "ok")
            client.incr("n")
            client.delete("l3")
            digest = client.execute_command("DEBUG", "DIGEST")
            self.kill(signal.SIGTERM)
            for reader in (other, server_path()):
                self.assertEqual(self.start(reader).execute_command("DEBUG", "DIGEST"), digest, f"{path} to {reader}")
                self.kill(signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
