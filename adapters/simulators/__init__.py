"""Stateful reference implementations of the native dialects; for demo and tests only, not in the wheel."""
