"""The sole import of the openai client; chat models join it here when agendas are drafted."""

from collections.abc import Sequence

from recommender.errors import EncoderError, MissingExtraError

TIMEOUT_S = 60
RETRIES = 3


def embed_texts(
    texts: Sequence[str], model: str, *, base_url: str | None = None
) -> list[list[float]]:
    """Return one embedding per text from OpenAI or any server with its API, in order.

    The key is read from `OPENAI_API_KEY`, as the SDK reads it; a server given by
    `base_url` may do without one. Retries 429 and 5xx with back-off.

    Raises:
        EncoderError: No key, refused, timed out, or an answer that is short or out of order.
    """
    try:
        import openai
    except ImportError as error:
        raise MissingExtraError("openai is not installed; run: pip install openai") from error
    import os

    key = os.environ.get("OPENAI_API_KEY") or ("none" if base_url else None)
    try:
        with openai.OpenAI(
            api_key=key, base_url=base_url, timeout=TIMEOUT_S, max_retries=RETRIES
        ) as client:
            answer = client.embeddings.create(
                input=list(texts), model=model, encoding_format="float"
            )
    except openai.OpenAIError as error:
        raise EncoderError(
            f"embeddings by {model!r} failed ({type(error).__name__}); check OPENAI_API_KEY, "
            "the model's name and the server's address"
        ) from error
    except ValueError as error:
        raise EncoderError(f"{model!r} answered with no embeddings") from error
    try:
        rows = sorted(answer.data, key=lambda row: row.index)
        vectors = [[float(value) for value in row.embedding] for row in rows]
    except (AttributeError, TypeError, ValueError) as error:
        raise EncoderError(f"{model!r} answered with something other than embeddings") from error
    if [row.index for row in rows] != list(range(len(texts))):
        raise EncoderError(f"{model!r} answered with {len(rows)} embeddings for {len(texts)} texts")
    return vectors
