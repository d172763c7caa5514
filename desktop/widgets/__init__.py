"""Widgets that any tab may use; they know nothing of a feature beyond its schemas."""
