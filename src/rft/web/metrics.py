"""Counts and times of requests, by route and status, and the state of the pool, in Prometheus' form."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from rft.database.pool import Database

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_POOL = {
    "pool_size": "Connections that the pool has.",
    "pool_available": "Connections that nobody uses at the moment.",
    "requests_waiting": "Requests that wait for a connection.",
}


class Metrics:
    """This process' figures."""

    def __init__(self, database: Database) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "rft_request_seconds",
            "Time to answer a request.",
            ("method", "route", "status"),
            registry=self._registry,
            buckets=_SECONDS,
        )
        # Finding a labelled child costs more than counting on it.
        self._known: dict[tuple[str, str, int], Histogram] = {}
        self._registry.register(_PoolFigures(database))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        child = self._known.get(key)
        if child is None:
            child = self._known[key] = self._requests.labels(method, route, str(status))
        child.observe(seconds)

    def register(self, collector: Collector) -> None:
        """Adds a feature's own figures."""
        self._registry.register(collector)

    def exposition(self) -> bytes:
        return generate_latest(self._registry)


class _PoolFigures(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        stats = self._database.pool.get_stats()
        for name, meaning in _POOL.items():
            yield GaugeMetricFamily(f"rft_database_{name}", meaning, value=stats.get(name, 0))
