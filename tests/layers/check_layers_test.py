#!/usr/bin/env python3
"""Tests that check_layers.py accepts a good tree and names each kind of breach in a bad one."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).with_name("check_layers.py")


class CheckLayersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("src/base/clock.h", "// The clock.\n#pragma once\n#include <chrono>\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self):
        """(exit status, output) of the checker on the tree."""
        run = subprocess.run([sys.executable, CHECKER, self.root], capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def assert_passes(self):
        status, output = self.check()
        self.assertEqual(status, 0, output)

    def assert_names(self, breach):
        status, output = self.check()
        self.assertEqual(status, 1, output)
        self.assertIn(breach, output)

    def test_accepts_includes_of_the_same_room_and_of_rooms_below(self):
        self.write("src/net/loop.cc", '// A loop.\n#include "net/loop.h"\n#include "resp/parser.h"\n')
        self.write("src/commands/hash.cc", '// HSET.\n#include "types/hash.h"\n#include "base/clock.h"\n')
        self.write("src/server/main.cc", '// Main.\n#include "pinion/server.h"\n#include "admin/info.h"\n')
        self.write("src/admin/info.cc", '// INFO.\n#include "pinion/version.h"\n')
        self.write("include/pinion/server.h", '// The server.\n#include "pinion/options.h"\n')
        self.assert_passes()

    def test_refuses_an_include_that_goes_up(self):
        self.write("src/base/clock.cc", '// The clock.\n#include "store/table.h"\n')
        self.assert_names("src/base/clock.cc:2: base/ may not include store/")

    def test_refuses_an_include_that_goes_sideways(self):
        self.write("src/resp/parser.cc", '// Parser.\n\n#include "config/options.h"\n')
        self.assert_names("src/resp/parser.cc:3: resp/ may not include config/")

    def test_refuses_a_room_below_that_is_not_among_those_it_uses(self):
        self.write("src/net/loop.cc", '// A loop.\n#  include "types/hash.h"\n')
        self.assert_names("src/net/loop.cc:2: net/ may not include types/")

    def test_refuses_an_include_without_a_room(self):
        self.write("src/base/clock.cc", '// The clock.\n#include "clock.h"\n')
        self.assert_names('"clock.h" is not in a room')

    def test_refuses_a_private_header_in_a_public_one(self):
        self.write("include/pinion/server.h", '// The server.\n#include "base/clock.h"\n')
        self.assert_names("include/pinion/server.h:2: a public header may not include")

    def test_refuses_the_embedding_interface_in_a_room_below_server(self):
        self.write("src/admin/info.cc", '// INFO.\n#include "pinion/server.h"\n')
        self.assert_names("admin/ may not include it")

    def test_refuses_a_folder_that_is_not_a_room(self):
        self.write("src/utils/misc.h", "// Odds and ends.\n")
        self.assert_names("src/utils/misc.h:1: this folder is not a room")

    def test_refuses_a_file_that_does_not_say_what_it_is(self):
        self.write("src/base/clock.cc", '#include "base/clock.h"\n')
        self.assert_names("src/base/clock.cc:1: the file does not open with a comment")

    def test_refuses_a_file_of_more_than_600_lines(self):
        self.write("src/base/clock.cc", "// The clock.\n" * 600)
        self.assert_passes()
        self.write("src/base/clock.cc", "// The clock.\n" * 601)
        self.assert_names("src/base/clock.cc:601: 601 lines")

    def test_refuses_a_line_of_more_than_120_columns(self):
        self.write("src/base/clock.cc", "// " + "x" * 117 + "\n")
        self.assert_passes()
        self.write("src/base/clock.cc", "// " + "x" * 118 + "\n")
        self.assert_names("src/base/clock.cc:1: 121 columns")


if __name__ == "__main__":
    unittest.main()
