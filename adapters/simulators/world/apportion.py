"""Sharing out whole numbers exactly: largest remainders, even dealing, sums that come out to the last unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random


def allocate(total: int, weights: Sequence[int], least: int = 0) -> list[int]:
    """Split `total` by `weights` with largest remainders (Hamilton); each part gets at least `least`.

    The parts add up to `total` exactly. Ties go to the earlier part, so the answer is deterministic. Raises
    ValueError when `total` cannot give everyone `least`.
    """
    if total < least * len(weights):
        raise ValueError(f"{total} cannot be split into {len(weights)} parts of at least {least}")
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for number in by_remainder[: total - sum(parts)]:
        parts[number] += 1
    for number, part in enumerate(parts):
        for _ in range(least - part):
            parts[max(range(len(parts)), key=parts.__getitem__)] -= 1
            parts[number] += 1
    return parts


def deal(targets: Sequence[int]) -> Iterator[int]:
    """Yield part numbers, `targets[n]` times each, so that every stretch of the sequence is in proportion.

    Each step goes to the part that lags furthest behind its share; so any run of instruments laid out cell by cell
    is split over the provinces as evenly as whole instruments allow.
    """
    total = sum(targets)
    given = [0] * len(targets)
    for step in range(1, total + 1):
        best, lag = 0, None
        for number, target in enumerate(targets):
            behind = target * step - given[number] * total
            if given[number] < target and (lag is None or behind > lag):
                best, lag = number, behind
        given[best] += 1
        yield best


def spread(total: int, lows: Sequence[int], highs: Sequence[int], skew: float, rng: Random) -> list[int]:
    """Random whole numbers with `lows[n] <= x[n] <= highs[n]` that add up to `total` exactly.

    `skew` > 1 makes small numbers the common ones. Raises ValueError when the bounds do not allow the total.
    """
    room = [high - low for low, high in zip(lows, highs, strict=True)]
    wanted = total - sum(lows)
    if not 0 <= wanted <= sum(room):
        raise ValueError(f"no numbers in these bounds add up to {total}")
    random = rng.random
    drawn = [random() ** skew for _ in room]
    reach = sum(share * size for share, size in zip(drawn, room, strict=True))
    if reach >= wanted:
        factor = wanted / reach if reach else 0.0
        taken = [int(share * factor * size) for share, size in zip(drawn, room, strict=True)]
    else:
        factor = (sum(room) - wanted) / (sum(room) - reach)
        taken = [int((1 - (1 - share) * factor) * size) for share, size in zip(drawn, room, strict=True)]
    left = wanted - sum(taken)
    while left:
        step = 1 if left > 0 else -1
        for number, size in enumerate(room):
            if left and 0 <= taken[number] + step <= size:
                taken[number] += step
                left -= step
    return [low + part for low, part in zip(lows, taken, strict=True)]
