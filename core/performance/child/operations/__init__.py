"""What the maintenance child can do: a module each, loaded when it is asked for."""

from collections.abc import Mapping

_HERE = "core.performance.child.operations"

# Name of an operation to "module:function"; the package explains how to add one.
OPERATIONS: Mapping[str, str] = {
    "quick_check": f"{_HERE}.checks:quick_check",
}
