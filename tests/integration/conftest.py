"""Fixtures of the real core."""

from tests.core.running import actor, bench, core, workspace

__all__ = ["actor", "bench", "core", "workspace"]
