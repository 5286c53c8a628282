"""Province platforms ⇄ the shared specification. Knows no database and no hub."""
