"""``run PROJECT``: a build from a terminal or a script, without a window."""
