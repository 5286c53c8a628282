"""Money in words."""


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals and no separators: 60000 → `600.00`."""
    return f"{fen // 100}.{fen % 100:02}"
