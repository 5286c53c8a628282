"""Money: the one price engine for quotes and for usage.

It lies under bookings: what it keeps refers to orders by reference and knows no booking.
"""
