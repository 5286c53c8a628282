"""What people and subscribers are told, and by which channel: inbox, mail, SMS, chat webhooks, signed event webhooks.

It does not decide when something is worth telling; domains above do.
"""
