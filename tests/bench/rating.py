"""How many usage records the price engine rates on one core, with every line in both languages."""

import time

from hub.settlement.rating import Position, Quantities, Tariff, rate

RECORDS = 50_000
GOAL = 20_000

TARIFF = Tariff(
    (
        Position(
            "hour", "used_time", "机时费", "Machine time", 40000, 15000, step_minutes=30, extra_minutes=10
        ),
        Position("sample", "samples", "样品费", "Sample fee", 5000),
        Position("item", "item", "室温拉伸", "Tensile test", 80000),
    ),
    minimum_outside_fen=50000,
)


def measure(rounds: int = 3) -> list[float]:
    """Records a second of one core's time, once for each round."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        for number in range(RECORDS):
            asked = Quantities(
                used_minutes=number % 480, samples=number % 7, chosen={"item": 1} if number % 3 else {}
            )
            for line in rate(TARIFF, asked).lines:
                _ = line.zh, line.en
        found.append(RECORDS / (time.process_time() - begun))
    return found
