"""The plumbing every domain stands on: database sessions, ordered logs, outbox, web edge, outbound guard.

Knows no domain: nothing here imports `hub.identity` or anything above it.
"""
