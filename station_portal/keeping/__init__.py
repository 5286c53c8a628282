"""What the pages for keeping availability are made of: forms as documents, the board's view, and what a reader may see."""
