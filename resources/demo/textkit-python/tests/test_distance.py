"""Likeness of words, with a table of what was measured."""

import os
import sys
import unittest

from textkit import closest, distance, table

_PAIRS = [("kitten", "sitting", 3), ("flaw", "lawn", 2), ("bench", "bench", 0), ("", "abc", 3)]


def _green(text: str) -> str:
    coloured = sys.stdout.isatty() or "FORCE_COLOR" in os.environ
    return f"\033[32m{text}\033[0m" if coloured else text


class DistanceTest(unittest.TestCase):
    def test_known_pairs(self) -> None:
        rows = [["from", "to", "steps"]]
        for left, right, steps in _PAIRS:
            with self.subTest(left=left, right=right):
                self.assertEqual(distance(left, right), steps)
                self.assertEqual(distance(right, left), steps)
            rows.append([repr(left), repr(right), str(steps)])
        print(_green("\n" + table(rows)), flush=True)

    def test_finds_the_closest(self) -> None:
        self.assertEqual(closest("biuld", ["bench", "build", "field"]), "build")
        self.assertIsNone(closest("word", []))
