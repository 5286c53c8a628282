"""Search: the disposable index over the catalogue, and everything that reads it.

Owns the words of a document, the index folder and its follower, the search request and its answer, suggestions and
map counts. It does not own the catalogue: it follows the catalogue's change numbers and can be rebuilt from it at any
time. Nothing imports search except the composition root, the applications and the portal.
"""
