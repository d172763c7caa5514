"""What the statements of an open database cost, counted while they run."""

from core.database.monitor.figures import Rates, SlowRun, Snapshot, StatementFigures
from core.database.monitor.fingerprints import Kind
from core.database.monitor.monitor import Monitor

__all__ = ["Kind", "Monitor", "Rates", "SlowRun", "Snapshot", "StatementFigures"]
