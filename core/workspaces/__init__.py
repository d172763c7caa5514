"""Workspaces: a database file with its folders, opened safely or refused clearly."""
