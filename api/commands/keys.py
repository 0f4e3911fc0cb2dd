"""`agendum keys`: what a platform calls the API with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recommender.storage.store import Store

tenant_option = click.option("--tenant", required=True, metavar="T",
                             help="Whose key it is: an id of your choice.")


@click.group("keys")
def keys_command() -> None:
    """Make, list, replace and revoke keys of tenants.

    \b
    Example:
      agendum keys create --tenant acme
      agendum keys list --tenant acme
    """


@keys_command.command("create")
@tenant_option
@click.option("--role", type=click.Choice(["platform", "curator", "reader"]), default="platform",
              show_default=True, help="What it may do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create_command(tenant: str, role: str, as_json: bool) -> None:
    """Make a key and print it: the only time that it is shown.

    \b
    Example:
      KEY=$(agendum keys create --tenant acme)
    """
    from api.auth import create_key

    with _store(tenant) as store:
        made = create_key(store, tenant, role)  # type: ignore[arg-type]
    _print(made.text, made.stored.id, tenant, role, as_json=as_json)


@keys_command.command("list")
@tenant_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(tenant: str, as_json: bool) -> None:
    """List a tenant's keys: ids, roles, when they were made and revoked; never the keys.

    \b
    Example:
      agendum keys list --tenant acme
    """
    with _store(tenant) as store, store.read(tenant) as unit:
        found = unit.keys.every()
    rows = [{"id": one.id, "role": one.role, "created_at": one.created_at.isoformat(),
             "revoked_at": None if one.revoked_at is None else one.revoked_at.isoformat()}
            for one in found]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = "" if row["revoked_at"] is None else f"  revoked {row['revoked_at']}"
        click.echo(f"{row['id']}  {row['role']:8}  {row['created_at']}{state}")


@keys_command.command("rotate")
@tenant_option
@click.argument("key_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate_command(tenant: str, key_id: str, as_json: bool) -> None:
    """Make a new key of the same role, print it, and revoke the old one.

    \b
    Example:
      agendum keys rotate --tenant acme 8a3f2c11d09b7e54
    """
    from api.auth import rotate_key

    with _store(tenant) as store:
        made = rotate_key(store, tenant, key_id)
    _print(made.text, made.stored.id, tenant, made.stored.role, as_json=as_json)


@keys_command.command("revoke")
@tenant_option
@click.argument("key_id", metavar="ID")
def revoke_command(tenant: str, key_id: str) -> None:
    """Let a key open nothing any more, from the next request on.

    \b
    Example:
      agendum keys revoke --tenant acme 8a3f2c11d09b7e54
    """
    from api.auth import revoke_key

    with _store(tenant) as store:
        revoke_key(store, tenant, key_id)
    click.echo(f"agendum: {key_id} opens nothing any more", err=True)


@contextmanager
def _store(tenant: str) -> "Iterator[Store]":
    from api.inputs import checked
    from recommender.domain.base import Id
    from recommender.settings import read_settings
    from recommender.storage.store import Store

    checked(Id, tenant, "--tenant")
    store = Store(read_settings().database_url.get_secret_value())
    try:
        yield store
    finally:
        store.close()


def _print(text: str, own: str, tenant: str, role: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"key": text, "id": own, "tenant": tenant, "role": role}, indent=2))
        return
    click.echo(text)
    click.echo(f"agendum: key {own} of {tenant}, role {role}; it is not shown again", err=True)
