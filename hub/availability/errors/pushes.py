"""What can be wrong with reservations that a platform pushes."""

from hub.core.errors import HubError


class PushRefused(HubError):
    """The push, or what it says about one instrument, cannot be kept; `field` is the place in it."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("push_refused", zh, en, 422, field=field)
