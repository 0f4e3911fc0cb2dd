"""Traces, where the standard OTEL_* environment asks for them. The sole import of opentelemetry.

A span holds route patterns, status codes and ids; no address with its query, no text.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from recommender.errors import InvalidInputError, MissingExtraError
from recommender.version import version

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
Attributes = Mapping[str, str | int]


class Span:
    """Something under way that may still learn more about itself; it may be one nobody sees."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def tell(self, attributes: Attributes, *, name: str, failed: bool) -> None:
        """Add attributes, give a better name, mark as failed."""
        if self._span is None:
            return
        from opentelemetry.trace import Status, StatusCode

        self._span.set_attributes(dict(attributes))
        self._span.update_name(name)
        if failed:
            self._span.set_status(Status(StatusCode.ERROR))


class Tracing:
    """Makes spans and sends them in the background; without a provider it does neither."""

    def __init__(self, provider: Any = None) -> None:
        self._provider = provider
        self._tracer = None if provider is None else provider.get_tracer("agendum", version())

    @contextmanager
    def span(self, name: str, attributes: Attributes | None = None,
             headers: Mapping[str, str] | None = None) -> Iterator[Span]:
        """Give a span that is the child of the one around it, or of the caller's in `headers`."""
        if self._tracer is None:
            yield Span()
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = None if headers is None else TraceContextTextMapPropagator().extract(headers)
        kind = SpanKind.INTERNAL if headers is None else SpanKind.SERVER
        # Messages of exceptions may hold people's words, so they are not recorded.
        with self._tracer.start_as_current_span(
            name, context=parent, kind=kind, attributes=dict(attributes or {}),
            record_exception=False, set_status_on_exception=False,
        ) as own:
            try:
                yield Span(own)
            except BaseException as error:
                own.set_status(Status(StatusCode.ERROR))
                own.set_attribute("error.type", type(error).__name__)
                raise

    def close(self) -> None:
        """Send what has not been sent, and stop."""
        if self._provider is not None:
            self._provider.shutdown()


def open_tracing(environment: Mapping[str, str] | None = None) -> Tracing:
    """Return tracing to the OTLP endpoint of the environment; to nowhere where none is named.

    The address, headers, sampler, resource and service name are read by the SDK, under their
    standard names. OTLP over HTTP with protobuf is what is spoken here.

    Raises:
        MissingExtraError: An endpoint is named, and the packages are not installed.
        InvalidInputError: The environment asks for another protocol or exporter.
    """
    values = os.environ if environment is None else environment
    exporter = values.get("OTEL_TRACES_EXPORTER", "").strip() or "otlp"
    if (values.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or exporter == "none"
            or not any(values.get(name, "").strip() for name in ENDPOINTS)):
        return Tracing()
    if exporter != "otlp":
        raise InvalidInputError.of(f"{exporter!r} is not known here; write otlp or none",
                                   source="environment", field="OTEL_TRACES_EXPORTER")
    for name in PROTOCOLS:
        if values.get(name, "").strip() not in ("", "http/protobuf"):
            raise InvalidInputError.of("only http/protobuf is spoken here; set it, or leave it out",
                                       source="environment", field=name)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtraError(
            "traces are asked for by OTEL_EXPORTER_OTLP_ENDPOINT and need "
            'pip install "agendum[tracing]"') from error
    own = {"service.version": version()}
    if not values.get("OTEL_SERVICE_NAME", "").strip():
        own["service.name"] = "agendum"
    provider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
