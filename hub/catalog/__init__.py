"""The catalogue: institutions, instruments and service items of all provinces, one row each, and how they got there.

Owns the merged documents, the facts they were merged from, and synchronisation as a whole: turning a province's
pages, files and batches into rows under the deletion guard. It does not own how a province is spoken to (adapters),
what a run is (federation), or how records are found (search follows the change numbers).
"""
