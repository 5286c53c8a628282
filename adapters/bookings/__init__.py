"""Booking dialects: orders in a province's own words, and its answers in the specification's."""
