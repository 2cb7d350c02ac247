"""A server of their own for the Python tests: the built binary named in PINION_SERVER, on a free port."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))

from servers import Server  # noqa: E402  (the comparison with redis-server starts its servers the same way)


def server_path():
    path = os.environ.get("PINION_SERVER")
    if not path:
        raise SystemExit("PINION_SERVER must name the server binary")
    return path


class ServerTestCase(unittest.TestCase):
    """One server for each class; every test starts with an empty keyspace."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server("python-test", server_path(), cls.options).start()
        cls.addClassCleanup(cls.server.stop)

    def tearDown(self):
        self.assertTrue(self.server.alive(), f"the server died: {self.server.death()}\n{self.server.log_tail()}")
