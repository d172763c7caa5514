"""The tests of textkit: ``python3 -m unittest discover -v``."""
