"""One module per page or group of pages: reads, chooses words, renders. What a page writes, a hub service does."""
