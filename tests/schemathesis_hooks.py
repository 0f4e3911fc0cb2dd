"""What a description cannot say, for Schemathesis: a document has the id of its path.

Without it no PUT would ever be accepted, and nothing that follows one be tried.
"""

import re
from typing import Any

import schemathesis

from recommender.domain.resource import resource_id

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Give a document that is put the id of its path, where both are ids."""
    body, path = case.body, case.path_parameters
    if case.method != "PUT" or not isinstance(body, dict) or not isinstance(path, dict):
        return
    if not all(isinstance(one, str) and _ID.fullmatch(one)
               for one in (body.get("id"), path.get("id"))):
        return
    if isinstance(body.get("url"), str):
        path["id"] = resource_id(body["url"])
    body["id"] = path["id"]
