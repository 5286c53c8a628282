"""The scan hook: a command of the installation that is given a file and says by its exit code what it found."""

import shlex
import subprocess
from pathlib import Path

SECONDS = 300.0


class ScannerFailed(Exception):
    """The command could not tell: it is asked again later."""

    retryable = True
    code = "scanner_failed"


class CommandScanner:
    """Runs `command <file>`: exit code 0 is clean, 1 is infected, as `clamdscan` has it; anything else is no verdict."""

    def __init__(self, command: str) -> None:
        self._words = shlex.split(command)
        if not self._words:
            raise ValueError("the scan command is empty")

    def is_clean(self, path: Path) -> bool:
        """The command's verdict on a file. Raises `ScannerFailed`."""
        try:
            # The command is the operator's, the path is named by a digest; no shell reads either.
            ended = subprocess.run(  # noqa: S603
                [*self._words, str(path)], capture_output=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise ScannerFailed(f"{self._words[0]}: {fault}") from fault
        if ended.returncode not in {0, 1}:
            told = ended.stderr[-300:].decode("utf-8", "replace")
            raise ScannerFailed(f"{self._words[0]} ended with {ended.returncode}: {told}")
        return ended.returncode == 0
