"""The federation itself: domains over one plumbing package (`hub.core`)."""
