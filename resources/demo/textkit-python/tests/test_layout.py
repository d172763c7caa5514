"""Wrapping and tables."""

import random
import unittest

from textkit import table, wrap


class WrapTest(unittest.TestCase):
    def test_breaks_at_spaces(self) -> None:
        self.assertEqual(wrap("one two three", 7), ["one two", "three"])

    def test_cuts_what_is_too_long(self) -> None:
        self.assertEqual(wrap("abcdefgh", 3), ["abc", "def", "gh"])

    def test_refuses_a_width_of_nothing(self) -> None:
        with self.assertRaises(ValueError):
            wrap("word", 0)

    def test_loses_no_letter_and_keeps_the_width(self) -> None:
        chance = random.Random(7)
        for _ in range(200):
            text = "".join(chance.choices("ab c", k=60))
            width = chance.randint(1, 20)
            lines = wrap(text, width)
            self.assertEqual("".join(lines).replace(" ", ""), text.replace(" ", ""))
            self.assertTrue(all(len(line) <= width for line in lines))


class TableTest(unittest.TestCase):
    def test_aligns_columns(self) -> None:
        self.assertEqual(table([["a", "bb"], ["ccc", "d"]]), "a    bb\nccc  d")

    def test_refuses_ragged_rows(self) -> None:
        with self.assertRaises(ValueError):
            table([["a"], ["b", "c"]])
