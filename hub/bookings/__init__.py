"""Cross-region bookings from submit to completion: the saga, its commands, its forwarding to provinces and their answers.

Slots belong to `availability`, prices to `settlement`, messages to `exchange`, people to `identity`.
"""
