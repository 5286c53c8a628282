"""When an instrument can be used, by whom and for how much: rules, closures, tariffs, slot cells, quotes, working time.

It owns the guard against double booking. It does not own the booking that takes a slot, only the claim on it.
"""
