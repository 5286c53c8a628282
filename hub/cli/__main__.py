"""`python -m hub.cli` is the command `hub`."""

import sys

from hub.cli.commands import main

sys.exit(main())
