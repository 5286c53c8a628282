"""What the hub measures about itself, in a registry of its own (never prometheus_client's global one)."""

import threading
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Reading = Callable[[], float | Mapping[str, float]]
"""Taken when /metrics is read: one number, or numbers by the value of one label."""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class _Readings(Collector):
    def __init__(self) -> None:
        self._held: dict[str, tuple[str, str | None, Reading]] = {}
        self._lock = threading.Lock()

    def add(self, name: str, text: str, label: str | None, reading: Reading) -> None:
        with self._lock:
            self._held[name] = (text, label, reading)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._lock:
            held = list(self._held.items())
        for name, (text, label, reading) in held:
            family = GaugeMetricFamily(name, text, labels=[label] if label else None)
            value = reading()
            if isinstance(value, Mapping):
                for key, number in value.items():
                    family.add_metric([key], number)
            else:
                family.add_metric([], value)
            yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())


_PLAIN = ("", "", "")
"""No namespace, subsystem or unit: names are written whole."""


class Metrics:
    """Counters of one process, and readings that are taken from the database when someone asks."""

    def __init__(self) -> None:
        counted = self.registry = CollectorRegistry(auto_describe=False)
        self.requests = Histogram(
            "hub_http_request_seconds",
            "Time to answer a request, by route template",
            ["method", "route", "status"],
            *_PLAIN,
            counted,
            buckets=_BUCKETS,
        )
        self.anonymous_refusals = Counter(
            "hub_anonymous_refusals",
            "Requests of nobody known that were refused, by error code",
            ["code"],
            *_PLAIN,
            counted,
        )
        self._readings = _Readings()
        self.registry.register(self._readings)

    def add_reading(self, name: str, text: str, reading: Reading, *, label: str | None = None) -> None:
        """Show `reading()` as a gauge under `name`; the last one registered under a name wins."""
        self._readings.add(name, text, label, reading)

    def counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        """A counter of this process; call once per name."""
        return Counter(name, text, labels, registry=self.registry)

    def gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        """A gauge of this process; call once per name."""
        return Gauge(name, text, labels, registry=self.registry)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
