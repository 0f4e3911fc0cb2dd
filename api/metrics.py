"""What is counted and timed, as Prometheus reads it. The sole import of prometheus_client.

Labels hold route patterns, status codes, model names and words of ours, never an id or a text,
so that their number stays small and nothing of a tenant is told to whoever reads /metrics.
"""

import os
from dataclasses import dataclass, field

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector

from recommender.domain.agenda import Agenda

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60)
_TOKENS = ("input", "output", "cached")


@dataclass(frozen=True)
class Metrics:
    """The measures of one application, in a registry of their own."""

    registry: CollectorRegistry = field(
        default_factory=lambda: CollectorRegistry(auto_describe=True))
    requests: Histogram = field(init=False)
    in_flight: Gauge = field(init=False)
    composing: Gauge = field(init=False)
    waiting: Gauge = field(init=False)
    refused: Counter = field(init=False)
    agendas: Counter = field(init=False)
    fallbacks: Counter = field(init=False)
    model_calls: Counter = field(init=False)
    model_seconds: Histogram = field(init=False)
    tokens: Counter = field(init=False)
    job_items: Counter = field(init=False)
    open_jobs: Gauge = field(init=False)

    def __post_init__(self) -> None:
        def put(name: str, made: object) -> None:
            object.__setattr__(self, name, made)

        own = self.registry
        put("requests", Histogram(
            "agendum_request_seconds", "Time to the end of the response.",
            ["method", "route", "status"], registry=own, buckets=_SECONDS))
        put("in_flight", Gauge("agendum_requests_in_flight", "Requests being answered.",
                               registry=own, multiprocess_mode="livesum"))
        put("composing", Gauge("agendum_composing", "Requests that have a place to compute.",
                               registry=own, multiprocess_mode="livesum"))
        put("waiting", Gauge("agendum_composing_waiting", "Requests in the queue for a place.",
                             registry=own, multiprocess_mode="livesum"))
        put("refused", Counter("agendum_refused", "Requests refused unread.", ["reason"],
                               registry=own))
        put("agendas", Counter("agendum_agendas", "Agendas made.", ["generator"], registry=own))
        put("fallbacks", Counter("agendum_fallbacks", "Agendas composed although a model was "
                                 "asked, by the first word of the reason.", ["reason"],
                                 registry=own))
        put("model_calls", Counter("agendum_model_calls", "Calls to a language model.",
                                   ["model", "outcome"], registry=own))
        put("model_seconds", Histogram("agendum_model_seconds", "Time of a call, with its "
                                       "retries.", ["model"], registry=own, buckets=_SECONDS))
        put("tokens", Counter("agendum_tokens", "Tokens that were charged.",
                              ["model", "kind"], registry=own))
        put("job_items", Counter("agendum_job_items", "Items of bulk jobs that came to an end.",
                                 ["state"], registry=own))
        put("open_jobs", Gauge("agendum_open_jobs", "Bulk jobs of all tenants with items that "
                               "nobody is doing.", registry=own, multiprocess_mode="max"))

    def exposition(self) -> bytes:
        """Return every measure as text.

        Where PROMETHEUS_MULTIPROC_DIR is set, those of all processes that share the folder.
        """
        if os.environ.get(MULTIPROCESS):
            together = CollectorRegistry()
            MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            return generate_latest(together)
        return generate_latest(self.registry)

    def count_agenda(self, agenda: Agenda) -> None:
        """Count an agenda that was made, and that it fell back, if it did."""
        self.agendas.labels(agenda.provenance.generator).inc()
        if agenda.provenance.fallback is not None:
            self.fallbacks.labels(_first_word(agenda.provenance.fallback)).inc()

    def count_call(self, model: str, outcome: str, seconds: float, tries: int = 1) -> None:
        """Count the calls of one question to a model, and the time that it took."""
        self.model_calls.labels(model, outcome).inc(tries)
        self.model_seconds.labels(model).observe(seconds)

    def count_tokens(self, model: str, *, sent: int, received: int, cached: int) -> None:
        """Count tokens; `cached` are those of the input that were cheaper."""
        for kind, tokens in zip(_TOKENS, (sent, received, cached), strict=True):
            self.tokens.labels(model, kind).inc(tokens)


def serve_metrics(metrics: Metrics, port: int) -> None:
    """Serve the measures of a process that has no API, on this machine only, in a thread."""
    start_http_server(port, addr="127.0.0.1", registry=metrics.registry)


def _first_word(reason: str) -> str:
    return reason.replace(",", " ").replace(":", " ").split()[0] if reason.strip() else "unknown"
