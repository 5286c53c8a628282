"""The provinces' settlement faces: papers out, redemptions and allotments in, the nightly comparison, cases for people."""
