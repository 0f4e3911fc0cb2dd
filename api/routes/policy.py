"""What a tenant allows in all of its programmes."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from fastapi.responses import Response

from api.auth import Caller, reader
from api.bodies import json_body, sent
from api.routes.people import GET_RESPONSES, put_responses
from api.writing import Done, Known, Writing, etag_of, platform_writing, store_of
from recommender.domain.policy import Policy, StoredPolicy
from recommender.storage.store import Store, Unit

router = APIRouter(prefix="/v1", tags=["privacy"])


@router.get("/policy", operation_id="getPolicy", summary="Get what your tenant allows",
            response_model=Policy, responses=GET_RESPONSES)
def get_policy(
    caller: Annotated[Caller, Depends(reader)], store: Annotated[Store, Depends(store_of)],
    known: Known = None,
) -> Response:
    """Return the tenant's policy; one that bounds nothing where none was stored."""
    with store.read(caller.tenant_id) as unit:
        found = unit.policies.find(StoredPolicy().id)
    if found is None:
        return sent(Policy(), 0, known)
    return sent(Policy(ai_fields=found.doc.ai_fields), found.version, known)


@router.put("/policy", operation_id="putPolicy", summary="Bound what your tenant allows",
            description="Fields that are not listed are shown to no model, and are not embedded, "
                        "whatever a programme says. It holds from the next agenda on.",
            response_model=Policy, responses=put_responses(), dependencies=[Depends(json_body)])
def put_policy(
    policy: Annotated[Policy, Body()], writing: Annotated[Writing, Depends(platform_writing)],
) -> Response:
    """Store the tenant's policy."""

    def work(unit: Unit) -> Done:
        stored, new = unit.policies.put(
            StoredPolicy(ai_fields=policy.ai_fields), writing.condition)
        headers = {"ETag": etag_of(stored.version)}
        return Done(201 if new else 200, policy.model_dump_json(),
                    headers | ({"Location": "/v1/policy"} if new else {}))

    return writing.do("put", "policy", StoredPolicy().id, work)
