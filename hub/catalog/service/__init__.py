"""Use cases of the catalogue, one module each.

`apply` turns valid documents into rows, `withdrawals` takes records out and brings them back, `pages` sorts a native
page, `sync` reads a province, `deletions` ends a read under the guard, `deliveries` takes uploads and pushed batches,
`digests` compares a period's digest, `schedule` says who is due.
"""
