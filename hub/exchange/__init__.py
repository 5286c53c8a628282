"""Messages to and from provinces: one envelope, the inbox that applies each once, signatures and receipts.

It does not know what a message is about; domains above seal and read bodies.
"""
