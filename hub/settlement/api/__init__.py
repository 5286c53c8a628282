"""Routes of settlement, by theme."""
