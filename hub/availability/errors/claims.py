"""What can be wrong with a claim."""

from hub.core.errors import HubError, NotFound


class ClaimUnknown(NotFound):
    """No claim is held under this name."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(
            f"没有标识为「{claim_id}」的占用。",
            f"There is no claim {claim_id!r}.",
            code="claim_unknown",
            field="claim_id",
        )


class ClaimLapsed(HubError):
    """The claim was let go, or its time ran out, before it was confirmed or changed; its slot may be another's."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(
            "claim_lapsed",
            f"占用「{claim_id}」已释放或已过保留期限，时段未再保留。",
            f"The claim {claim_id!r} was released or has lapsed; its slot is no longer kept.",
            409,
            hint_zh="请重新选择时段。",
            hint_en="Choose a slot again.",
        )


class ClaimMismatch(HubError):
    """The name is already used for another slot or another instrument."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(
            "claim_mismatch",
            f"占用「{claim_id}」已用于另一时段。",
            f"The claim {claim_id!r} is already used for another slot.",
            409,
            hint_zh="改时请用改约提议。",
            hint_en="Propose another time to move a booking.",
        )


class ProposalUnknown(HubError):
    """The claim has no proposed time: it was settled or has lapsed."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(
            "proposal_unknown",
            f"占用「{claim_id}」没有待答复的改约时段，可能已答复或已过期。",
            f"The claim {claim_id!r} has no proposed time; it was answered or has lapsed.",
            409,
        )


class ConflictUnknown(NotFound):
    """No conflict has this number."""

    def __init__(self, conflict_id: int) -> None:
        super().__init__(
            f"没有编号为 {conflict_id} 的时段冲突。",
            f"There is no conflict {conflict_id}.",
            code="conflict_unknown",
            field="conflict_id",
        )
