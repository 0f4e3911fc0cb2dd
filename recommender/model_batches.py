"""Files of requests handed to OpenAI's batch service, and its answers fetched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.errors import InvalidInputError, ModelError
from recommender.language_model import RETRIES, TIMEOUT_S, openai_client

MAX_REQUESTS, MAX_BYTES = 50_000, 200 * 1024 * 1024
"""What the service takes in one file."""
ENDPOINT = "/v1/chat/completions"
OVER = ("completed", "expired", "cancelled")
"""States in which there may be answers, and no more will come."""


@dataclass(frozen=True)
class Batch:
    """A batch at the service; `text` holds its answers once it is over."""

    status: str
    done: int
    total: int
    text: str | None = None


def submit_batch(requests: Path, *, base_url: str | None = None) -> str:
    """Return the id of the batch that a file of requests has become.

    Raises:
        InvalidInputError: The file is missing or too large, or no key is set.
        ModelError: The service refused it, or cannot be reached.
    """
    try:
        size = requests.stat().st_size
        with requests.open("rb") as file:
            count = sum(1 for line in file if line.strip())
    except OSError as error:
        raise InvalidInputError.of(f"cannot be read: {error.strerror}",
                                   source=str(requests)) from error
    if count > MAX_REQUESTS or size > MAX_BYTES or not count:
        raise InvalidInputError.of(
            f"{count} requests, {size} bytes; the service takes 1 to {MAX_REQUESTS} requests and "
            f"at most {MAX_BYTES} bytes; split the file by lines", source=str(requests))
    with _service(base_url) as client, requests.open("rb") as file:
        uploaded = client.files.create(file=file, purpose="batch")
        batch = client.batches.create(input_file_id=uploaded.id, endpoint=ENDPOINT,
                                      completion_window="24h")
        return str(batch.id)


def fetch_batch(batch_id: str, *, base_url: str | None = None) -> Batch:
    """Return how far a batch is, and its answers and errors once it is over.

    Raises:
        InvalidInputError: No key is set.
        ModelError: The batch failed as a whole, is unknown, or the service cannot be reached.
    """
    with _service(base_url) as client:
        batch = client.batches.retrieve(batch_id)
        counts = batch.request_counts
        done, total = (0, 0) if counts is None else (counts.completed + counts.failed,
                                                     counts.total)
        if batch.status == "failed":
            told = batch.errors.data if batch.errors and batch.errors.data else []
            why = "; ".join(str(one.message) for one in told[:3]) or "the service does not say why"
            raise ModelError("rejected", f"the batch failed: {' '.join(why.split())[:300]}")
        if batch.status not in OVER:
            return Batch(batch.status, done, total)
        files = [name for name in (batch.output_file_id, batch.error_file_id) if name]
        texts = [client.files.content(name).text for name in files]
        return Batch(batch.status, done, total,
                     "".join(text if text.endswith("\n") or not text else text + "\n"
                             for text in texts))


@contextmanager
def _service(base_url: str | None) -> Iterator[Any]:
    if base_url is None and not os.environ.get("OPENAI_API_KEY"):
        raise InvalidInputError.of("no key is set; set it, or AGENDUM_LLM_BASE_URL",
                                   field="OPENAI_API_KEY")
    with openai_client(base_url, timeout_s=TIMEOUT_S, retries=RETRIES) as client:
        yield client
