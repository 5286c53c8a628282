"""Which of the two languages a request is answered in: Chinese unless English is clearly preferred."""

from typing import Literal

Language = Literal["zh", "en"]


def preferred(accept_language: str | None) -> Language:
    """The language of an Accept-Language header; `zh` when it names neither or is malformed.

    On equal weights the first named wins.
    """
    best: Language = "zh"
    best_weight = 0.0
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name not in {"zh", "en"}:
            continue
        weight = _weight(parameters)
        if weight > best_weight:
            best = "zh" if name == "zh" else "en"
            best_weight = weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
