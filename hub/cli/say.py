"""What commands print: Chinese first, then English, one line each."""

import sys


def say(zh: str, en: str = "") -> None:
    """Print one fact in both languages at once, and now: progress must not wait in a buffer."""
    line = f"{zh}  {en}" if en else zh
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(zh: str, en: str) -> None:
    """Print what went wrong and what to do, on standard error."""
    sys.stderr.write(f"{zh}\n{en}\n")
    sys.stderr.flush()
