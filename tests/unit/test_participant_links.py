"""What a participant's link opens, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from api.links import PURPOSE, BadLink, Link, read_link, sign_link
from api.signing import signed
from recommender.errors import InvalidInputError
from recommender.settings import read_settings, split_secrets

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
SECRET, OTHER = "s" * 32, "o" * 32
LINK = Link("acme", "ag_1", "mentor", NOW + timedelta(days=1))


def test_a_link_opens_what_it_was_signed_for() -> None:
    """Tenant, agenda, role and end come back; the token is safe in an address."""
    token = sign_link(LINK, [SECRET])
    assert read_link(token, [SECRET], NOW) == LINK
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()
    whole = Link("acme", "ag_1", None, LINK.expires_at)
    assert read_link(sign_link(whole, [SECRET]), [SECRET], NOW) == whole


def test_a_link_ends_at_its_moment() -> None:
    """Until then it opens; from then on it is expired, not wrong."""
    token = sign_link(LINK, [SECRET])
    read_link(token, [SECRET], LINK.expires_at - timedelta(seconds=1))
    with pytest.raises(BadLink) as caught:
        read_link(token, [SECRET], LINK.expires_at)
    assert caught.value.expired


def test_secrets_are_replaced_without_breaking_links() -> None:
    """The first signs, all verify; once the old one is taken away its links end."""
    old = sign_link(LINK, [SECRET])
    new = sign_link(LINK, [OTHER, SECRET])
    assert read_link(old, [OTHER, SECRET], NOW) == read_link(new, [OTHER], NOW) == LINK
    for token, secrets in ((old, [OTHER]), (new, [SECRET]), (new, [])):
        with pytest.raises(BadLink) as caught:
            read_link(token, secrets, NOW)
        assert not caught.value.expired


@given(st.data())
def test_a_changed_token_opens_nothing(data: st.DataObject) -> None:
    """Whatever character is put in whatever place, the signature notices it."""
    token = sign_link(LINK, [SECRET])
    at = data.draw(st.integers(0, len(token) - 2))  # the last one holds bits that are not read
    put = data.draw(st.characters(codec="utf-8").filter(lambda one: one != token[at]))
    with pytest.raises(BadLink):
        read_link(token[:at] + put + token[at + 1:], [SECRET], NOW)


@pytest.mark.parametrize("payload", [
    [], "x", ["a", "b", "boss", 9e9], ["a", "b", "mentor", "soon"], ["a", "b", "mentor", 1e300],
    {"a": 1}, ["a", "b", "mentor"],
])
def test_a_payload_of_another_shape_opens_nothing(payload: object) -> None:
    """Signed by the secret, but not by this version: refused, no crash."""
    with pytest.raises(BadLink):
        read_link(signed(payload, [SECRET], PURPOSE), [SECRET], NOW)


def test_a_secret_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each needs 32 characters; the message says so and shows no secret."""
    monkeypatch.setenv("AGENDUM_LINK_SECRETS", f"{SECRET},short")
    with pytest.raises(InvalidInputError, match="32 characters") as caught:
        read_settings(None)
    assert SECRET not in str(caught.value)
    assert split_secrets(SecretStr(f" {SECRET} ,, {OTHER}")) == [SECRET, OTHER]
