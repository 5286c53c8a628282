"""Use cases of the federation, one module each: provinces, runs, ledger, quarantine, holds, deliveries.

They write in the caller's transaction and never commit.
"""
