"""Deterministic simulation of bookings: one seed, one history. A failing seed plays the same again."""
