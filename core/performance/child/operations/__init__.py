"""What the maintenance child can do: a module each, loaded when it is asked for."""

from collections.abc import Mapping

_HERE = "core.performance.child.operations"

# Name of an operation to "module:function"; the package explains how to add one.
OPERATIONS: Mapping[str, str] = {
    "analyze": f"{_HERE}.statistics:analyze",
    "backup": f"{_HERE}.backups:backup",
    "census": f"{_HERE}.counting:census",
    "change": f"{_HERE}.changing:change",
    "checkpoint": f"{_HERE}.logs:checkpoint",
    "foreign_key_check": f"{_HERE}.checks:foreign_key_check",
    "incremental_vacuum": f"{_HERE}.vacuum:incremental_vacuum",
    "integrity_check": f"{_HERE}.checks:integrity_check",
    "journal": f"{_HERE}.logs:journal",
    "optimize": f"{_HERE}.statistics:optimize",
    "plans": f"{_HERE}.plans:plans",
    "preview": f"{_HERE}.rows:preview",
    "quick_check": f"{_HERE}.checks:quick_check",
    "reindex": f"{_HERE}.statistics:reindex",
    "replace": f"{_HERE}.replacing:replace",
    "restore": f"{_HERE}.restoring:restore",
    "storage": f"{_HERE}.storage:storage",
    "tables": f"{_HERE}.rows:tables",
    "unpack": f"{_HERE}.restoring:unpack",
    "vacuum": f"{_HERE}.vacuum:vacuum",
}
