#!/usr/bin/env python3
"""An idle connection costs the server less than 4 KiB of resident memory."""

import re
import resource
import socket
import time
import unittest

from server_process import ServerTestCase

WANTED = 10000
MOST_BYTES_EACH = 4096


def raise_file_limit():
    """Raises the limit of open files, which the server inherits, as far as allowed; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for hard_wanted in (WANTED + 1000, hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(hard_wanted, hard), max(hard_wanted, hard)))
            break
        except (ValueError, PermissionError):
            pass
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class IdleConnectionsTest(ServerTestCase):
    options = ("--maxclients", str(WANTED + 100))

    @classmethod
    def setUpClass(cls):
        cls.count = min(WANTED, raise_file_limit() - 500)
        super().setUpClass()

    def resident_bytes(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) * 1024

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=10)
        self.addCleanup(connection.close)
        return connection

    def exchange(self, connection):
        connection.sendall(b"*1\r\n$4\r\nPING\r\n")
        self.assertEqual(connection.recv(64), b"+PONG\r\n")

    def test_ten_thousand_idle_connections_cost_less_than_four_kibibytes_each(self):
        for _ in range(50):  # what the first connections set up once is not counted
            self.exchange(self.connect())
        before = self.resident_bytes()
        connections = [self.connect() for _ in range(self.count)]
        for connection in connections:  # each has been served: a connection that never spoke would be too easy
            self.exchange(connection)
        time.sleep(1)
        each = (self.resident_bytes() - before) / self.count
        print(f"{self.count} idle connections: {each:.0f} bytes each")
        self.assertLess(each, MOST_BYTES_EACH)
        self.exchange(connections[0])
        self.exchange(connections[-1])


if __name__ == "__main__":
    unittest.main()
