"""`python -m hub.migrations "what changes"` writes the next revision from what the models say.

Read it before committing it: autogeneration does not see renames, and data is never its business.
"""

import sys
import tempfile
from pathlib import Path

from hub import migrations
from hub.core.db import Database

if len(sys.argv) != 2:
    sys.exit(__doc__)
with tempfile.TemporaryDirectory() as folder:
    database = Database(f"sqlite:///{Path(folder) / 'scratch.db'}")
    try:
        sys.stdout.write(f"{migrations.write_revision(database, sys.argv[1])}\n")
    finally:
        database.close()
