#!/usr/bin/env python3
"""Shows that the comparison is blind to nothing it should see: equal servers pass, each kind of fault is found
and shrunk."""

import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def compare_with(fault, families, commands=4000, server=os.path.join(HERE, "faulty_server.py")):
    """Runs the comparison of redis-server with a faulty one: (exit code, output)."""
    done = subprocess.run(
        [sys.executable, os.path.join(HERE, "differential.py"), "--pinion", server, "--commands", str(commands),
         "--families", families, "--seed", "5", "--seconds", "60", "--patience", "0.5",
         "--shrink-seconds", "8"],
        env=dict(os.environ, FAULT=fault), capture_output=True, text=True, timeout=280)
    return done.returncode, done.stdout + done.stderr


class HarnessTest(unittest.TestCase):
    def assert_found(self, output, what, most_commands):
        found = re.search(rf"== difference \d+: {what}  \(.*; (\d+) of (\d+) commands\)", output)
        self.assertIsNotNone(found, output)
        self.assertLessEqual(int(found.group(1)), most_commands, output)

    def test_equal_servers_pass(self):
        code, output = compare_with("", "strings,keys,transactions,connection,pubsub,server", 20000, "redis-server")
        self.assertEqual(code, 0, output)
        self.assertIn(" 0 distinct differences", output)

    def test_a_faultless_proxy_passes(self):
        code, output = compare_with("none", "strings,keys,transactions,pubsub,server")
        self.assertEqual(code, 0, output)

    def test_a_wrong_reply_is_found_and_shrunk(self):
        code, output = compare_with("strlen", "strings")
        self.assertEqual(code, 1, output)
        self.assert_found(output, "(?:STRLEN|EXEC)", most_commands=3)

    def test_a_message_that_does_not_come_is_found(self):
        code, output = compare_with("messages", "pubsub")
        self.assertEqual(code, 1, output)
        self.assert_found(output, "MESSAGE .*", most_commands=3)

    def test_a_server_that_dies_is_found_and_started_again(self):
        code, output = compare_with("dies", "strings", commands=500)
        self.assertEqual(code, 1, output)
        self.assert_found(output, "GETDEL", most_commands=2)

    def test_a_reply_that_does_not_come_is_found(self):
        code, output = compare_with("silent", "strings", commands=300)
        self.assertEqual(code, 1, output)
        self.assertRegex(output, "no reply in time")


if __name__ == "__main__":
    unittest.main()
