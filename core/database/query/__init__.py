"""Typed queries over any table: filters, joins, groups, search, pages and counts."""
