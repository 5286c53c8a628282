"""The price engine: laws that hold for every tariff, and the words of single lines."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.settlement import rating
from hub.settlement.errors import NothingChosen, PositionUnknown, PriceMissing, QuantityMissing
from hub.settlement.money import yuan
from hub.settlement.rating import Line, Position, Quantities, Rated, Tariff, rate

HOUR = Position("1", "reserved_time", "机时费", "Machine time", outside_fen=40000, inside_fen=15000)
SAMPLE = Position("2", "samples", "样品费", "Sample fee", outside_fen=5000)
ITEM = Position("3", "item", "室温拉伸（600 ℃）", "Tensile test (600 °C)", outside_fen=80000)
PACKAGE = Position("4", "package", "SN 曲线", "SN curve", outside_fen=3000000)

FEN = st.integers(0, 10**9)
BASES = st.sampled_from(["reserved_time", "used_time", "test_time", "times", "samples", "item", "package"])
COUNT = st.integers(0, 20_000)


@st.composite
def positions(draw: st.DrawFn) -> Position:
    return Position(
        id="",
        basis=draw(BASES),
        zh="项",
        en="position",
        outside_fen=draw(FEN),
        inside_fen=draw(st.none() | FEN),
        unit_minutes=draw(st.sampled_from([60, 1440])),
        step_minutes=draw(st.sampled_from([1, 5, 15, 30, 60])),
        extra_minutes=draw(st.sampled_from([0, 0, 20])),
        is_optional=draw(st.booleans()),
    )


@st.composite
def orders(draw: st.DrawFn) -> tuple[Tariff, Quantities]:
    drawn = draw(st.lists(positions(), min_size=1, max_size=5))
    named = tuple(replace(position, id=str(number)) for number, position in enumerate(drawn))
    chosen = {position.id: draw(st.none() | COUNT) for position in named if draw(st.booleans())}
    chosen.setdefault("0", None)
    tariff = Tariff(named, minimum_outside_fen=draw(FEN), minimum_inside_fen=draw(st.none() | FEN))
    asked = Quantities(
        reserved_minutes=draw(COUNT),
        used_minutes=draw(st.none() | COUNT),
        test_minutes=draw(st.none() | COUNT),
        times=draw(st.none() | COUNT),
        samples=draw(COUNT),
        chosen=chosen,
        is_inside=draw(st.booleans()),
    )
    return tariff, asked


@given(orders())
@settings(max_examples=120)
def test_the_fee_is_the_sum_of_whole_lines_and_never_below_the_minimum(
    order: tuple[Tariff, Quantities],
) -> None:
    tariff, asked = order
    rated = rate(tariff, asked)
    assert rated.fee_fen == sum(line.fen for line in rated.lines)
    assert all(type(line.fen) is int and line.fen >= 0 for line in rated.lines)
    assert rated.fee_fen >= tariff.minimum(is_inside=asked.is_inside)
    assert rate(tariff, asked) == rated


@given(
    orders(),
    st.integers(1, 500),
    st.sampled_from(["reserved_minutes", "used_minutes", "test_minutes", "times", "samples"]),
)
@settings(max_examples=80)
def test_more_never_costs_less(order: tuple[Tariff, Quantities], more: int, measure: str) -> None:
    tariff, asked = order
    told = getattr(asked, measure)
    if told is not None:
        assert rate(tariff, replace(asked, **{measure: told + more})).fee_fen >= rate(tariff, asked).fee_fen


@given(st.integers(0, 100_000), FEN, st.sampled_from([60, 1440]))
def test_a_line_is_the_exact_product_rounded_half_a_fen_up(minutes: int, price: int, unit: int) -> None:
    tariff = Tariff((replace(HOUR, outside_fen=price, unit_minutes=unit),))
    fen = rate(tariff, Quantities(reserved_minutes=minutes)).fee_fen
    assert -unit <= 2 * (minutes * price - fen * unit) < unit


@given(st.integers(0, 10_000), st.sampled_from([5, 15, 30, 60]))
def test_begun_steps_are_charged_whole(minutes: int, step: int) -> None:
    line = rate(Tariff((replace(HOUR, step_minutes=step),)), Quantities(reserved_minutes=minutes)).lines[0]
    assert line.quantity % step == 0
    assert minutes <= line.quantity < minutes + step


@given(orders())
@settings(max_examples=60)
def test_every_line_is_explained_in_both_languages(order: tuple[Tariff, Quantities]) -> None:
    for line in rate(*order).lines:
        assert line.zh.endswith(f"{yuan(line.fen)} 元")
        assert yuan(line.fen) in line.en
        assert "CNY" in line.en


def _only(rated: Rated) -> Line:
    assert len(rated.lines) == 1
    return rated.lines[0]


def _line(position: Position, **asked: object) -> Line:
    return _only(rate(Tariff((position,)), Quantities(**asked)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "zh", "en"),
    [
        (_line(HOUR, reserved_minutes=90), "1.5 小时 × 400.00 元/小时 = 600.00 元", "1.5 h × 400.00 CNY/h = 600.00 CNY"),
        (_line(HOUR, reserved_minutes=85), "85 分钟 × 400.00 元/小时 = 566.67 元", "85 min × 400.00 CNY/h = 566.67 CNY"),
        (
            _line(replace(HOUR, step_minutes=30, extra_minutes=15), reserved_minutes=85),
            "2 小时（85 分钟，按计费规则） × 400.00 元/小时 = 800.00 元",
            "2 h (for 85 min, by the charging rule) × 400.00 CNY/h = 800.00 CNY",
        ),
        (
            _line(replace(HOUR, unit_minutes=1440, outside_fen=100000), reserved_minutes=2160),
            "1.5 天 × 1000.00 元/天 = 1500.00 元",
            "1.5 d × 1000.00 CNY/d = 1500.00 CNY",
        ),
        (_line(SAMPLE, samples=3), "3 样品 × 50.00 元/样品 = 150.00 元", "3 samples × 50.00 CNY/sample = 150.00 CNY"),
        (_line(ITEM, chosen={"3": 2}), "2 项 × 800.00 元/项 = 1600.00 元", "2 items × 800.00 CNY/item = 1600.00 CNY"),
        (_line(PACKAGE, chosen={"4": None}), "1 套 × 30000.00 元/套 = 30000.00 元", "1 package × 30000.00 CNY/package = 30000.00 CNY"),
        (
            _line(replace(SAMPLE, basis="times", is_optional=True), chosen={"2": 4}),
            "4 次 × 50.00 元/次 = 200.00 元",
            "4 times × 50.00 CNY/time = 200.00 CNY",
        ),
    ],
)  # fmt: skip
def test_how_a_line_reads(line: Line, zh: str, en: str) -> None:
    assert (line.zh, line.en) == (zh, en)


def test_the_minimum_fee_is_a_line_of_its_own() -> None:
    tariff = Tariff((HOUR,), minimum_outside_fen=50000, minimum_inside_fen=0)
    rated = rate(tariff, Quantities(reserved_minutes=60))
    assert [line.fen for line in rated.lines] == [40000, 10000]
    assert rated.lines[1].zh == "不足最低收费 500.00 元，补差 100.00 元"
    assert rated.lines[1].en == "below the minimum fee of 500.00 CNY, 100.00 CNY added"
    assert rate(tariff, Quantities(reserved_minutes=60, is_inside=True)).fee_fen == 15000


def test_inside_and_outside_have_their_own_prices() -> None:
    inside_only = replace(HOUR, outside_fen=None)
    assert _line(SAMPLE, samples=1, is_inside=True).fen == 5000
    assert _line(inside_only, reserved_minutes=60, is_inside=True).fen == 15000
    with pytest.raises(PriceMissing):
        _line(inside_only, reserved_minutes=60)


def test_optional_positions_are_charged_when_chosen_only() -> None:
    tariff = Tariff((HOUR, ITEM, replace(SAMPLE, is_optional=True)))
    assert [line.position for line in rate(tariff, Quantities(reserved_minutes=60)).lines] == ["1"]
    asked = Quantities(reserved_minutes=60, samples=2, chosen={"2": None, "3": 1})
    assert [(line.position, line.quantity) for line in rate(tariff, asked).lines] == [
        ("1", 60),
        ("3", 1),
        ("2", 2),
    ]


def test_a_time_that_is_not_known_yet_is_estimated_by_the_reserved_one() -> None:
    used = replace(HOUR, basis="used_time")
    assert _line(used, reserved_minutes=60).is_estimate
    assert rate(Tariff((used,)), Quantities(reserved_minutes=60)).is_estimate
    assert not _line(used, reserved_minutes=60, used_minutes=30).is_estimate
    assert _line(used, reserved_minutes=60, used_minutes=30).fen == 20000


def test_what_cannot_be_priced_is_refused_by_name() -> None:
    with pytest.raises(PositionUnknown, match="9"):
        rate(Tariff((HOUR,)), Quantities(reserved_minutes=60, chosen={"9": 1}))
    with pytest.raises(QuantityMissing) as missing:
        _line(SAMPLE)
    assert missing.value.field == "samples"
    with pytest.raises(QuantityMissing):
        _line(replace(HOUR, basis="test_time"))
    with pytest.raises(NothingChosen):
        rate(Tariff((ITEM, PACKAGE)), Quantities(reserved_minutes=60))
    with pytest.raises(ValueError, match="negative"):
        _line(SAMPLE, samples=-1)


def test_a_tariff_document_becomes_a_tariff() -> None:
    document = {
        "positions": [
            {"id": "a", "basis": "used_time", "name_zh": "机时费", "name_en": "Machine time", "outside_fen": 100, "inside_fen": 50,
             "unit_minutes": 1440, "step_minutes": 30, "extra_minutes": 10},
            {"id": "b", "basis": "item", "name_zh": "拉伸", "condition_zh": "高温", "outside_fen": 7, "optional": True},
        ],
        "minimum_fee": {"outside_fen": 20000, "inside_fen": 10000},
    }  # fmt: skip
    assert rating.read_tariff(document) == Tariff(
        (
            Position("a", "used_time", "机时费", "Machine time", 100, 50, 1440, 30, 10),
            Position("b", "item", "拉伸（高温）", "拉伸（高温）", 7, is_optional=True),
        ),
        20000,
        10000,
    )
    assert rating.read_tariff({"positions": []}) == Tariff(())
