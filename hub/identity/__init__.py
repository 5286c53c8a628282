"""Who may do what: local accounts, sessions, platform keys, and the decision about a request.

Owns accounts with their roles, server-side sessions, login throttle and provinces' platform keys. It does not
own what is done under those rights; domains ask for a `Principal` and audit by its name.
"""
