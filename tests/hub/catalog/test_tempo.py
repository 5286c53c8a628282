"""How much goes into one transaction."""

from hypothesis import given
from hypothesis import strategies as st

from hub.catalog.service.tempo import FEWEST, LOCK_SECONDS, MOST, Tempo


@given(weights=st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0]), max_size=900), rows=st.floats(FEWEST, MOST))
def test_pieces_cover_everything_once_and_end(weights: list[float], rows: float) -> None:
    tempo = Tempo(rows)
    start, stops = 0, []
    while start < len(weights):
        stop = tempo.cut(weights, start)
        assert stop > start
        assert sum(weights[start : stop - 1]) < rows
        stops.append(stop)
        start = stop
    assert stops[-1:] == ([len(weights)] if weights else [])


@given(per_row=st.floats(1e-6, 1e-2))
def test_it_settles_where_the_lock_is_held_as_long_as_it_may(per_row: float) -> None:
    tempo = Tempo()
    for _ in range(30):
        tempo.learn(tempo.rows, tempo.rows * per_row)
    assert FEWEST <= tempo.rows <= MOST
    if FEWEST < LOCK_SECONDS / per_row < MOST:
        assert abs(tempo.rows * per_row - LOCK_SECONDS) < LOCK_SECONDS * 0.05


def test_a_tiny_transaction_teaches_nothing() -> None:
    tempo = Tempo(100)
    tempo.learn(1, 5.0)
    tempo.learn(50, 0.0)
    assert tempo.rows == 100
