"""One folder per province: manifest, mapping, code table, README. Data, discovered by `adapters.registry`."""
