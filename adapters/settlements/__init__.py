"""Provinces' settlement faces made of data: papers out, receipts, redemptions and allotments back. See docs/settlement-dialects.md."""
