"""The rules of a workspace for its builds: how many at once, and what is kept for how long."""
