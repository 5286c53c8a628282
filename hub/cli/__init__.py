"""The command `hub`: set up, run, and look after an installation."""

from hub.cli.commands import main

__all__ = ["main"]
