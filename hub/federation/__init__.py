"""The link to each province: its state, its runs, and what it delivered word for word.

Owns the provinces' connection state and circuit breaker, runs with their leases and verdicts, checkpoints, the
ledger of native records, raw payloads, quarantine, the worklist of unmapped values, held deletions, files and
push batches. It does not know what an instrument is: the catalogue above turns deliveries into records.
"""
