"""What the pages of settlement share."""
