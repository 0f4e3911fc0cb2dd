"""How the console answers: pages of its own look, errors as pages, cookies."""

from collections.abc import Callable, Coroutine, Iterable
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException

from api.console.session import COOKIE, HOURS, PATH, Curator, SignInNeeded, is_secure
from api.problems import kind_of, log_failure, problem_of
from recommender.domain.vocabulary import Term
from recommender.errors import AgendumError, InvalidInputError

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                               "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
HOME = f"{PATH}/resources"
Answer = Callable[[Request], Coroutine[Any, Any, Response]]


def page(name: str, curator: Curator | None, status: int = 200, **given: Any) -> HTMLResponse:
    """Return a page of the console.

    Args:
        name: Of its template, without the ending.
        curator: Who sees it; null for nobody who is signed in.
        given: What the template names.
    """
    content = _environment().get_template(f"{name}.html.j2").render(curator=curator, **given)
    return HTMLResponse(content + "\n", status, HEADERS)


def moved(path: str) -> RedirectResponse:
    """Return what sends the browser to another page, by GET."""
    return RedirectResponse(path, 303, HEADERS)


class ConsoleRoute(APIRoute):
    """A route whose errors are pages, and whose answers set or clear the session's cookie."""

    def get_route_handler(self) -> Answer:
        """Return the handler, with that around it."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await answer(request)
            except SignInNeeded as error:
                response = _sign_in(request, error)
            except (HTTPException, AgendumError, RequestValidationError) as error:
                response = _failed(request, error)
            token = getattr(request.state, "console_cookie", None)
            if token is not None:
                response.set_cookie(
                    COOKIE, token, max_age=HOURS * 3600 if token else 0, path=PATH,
                    httponly=True, samesite="strict", secure=is_secure(request))
            return response

        return handle


def _sign_in(request: Request, error: SignInNeeded) -> Response:
    """Return the page to sign in; what was sent is sent again with the key."""
    again = error.form is not None
    if request.method == "GET" and not error.why:
        return moved(f"{PATH}/sign-in")
    return page("sign_in", None, 401, why=error.why,
                action=request.url.path if again else f"{PATH}/sign-in",
                kept=[(name, value) for name, values in (error.form or {}).items()
                      for value in values])


def _failed(request: Request, error: Exception) -> Response:
    request_id = str(request.state.request_id)
    if isinstance(error, RequestValidationError):
        error = InvalidInputError.of("The address of this page has a part that cannot be used; "
                                     "begin at the library.")
    if isinstance(error, AgendumError) and not kind_of(error).told:
        log_failure(error, request_id)
    problem = problem_of(error, request_id)
    response = page("problem", None, problem.status, problem=problem)
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    return response


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api", "pages/curate"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"zipped": _zipped, "labelled": _labelled, "tongue": _tongue}
    return environment


def _zipped(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return choices that are called what they are."""
    return [(one, one.replace("_", " ")) for one in values]


def _labelled(terms: Iterable[Term]) -> list[tuple[str, str]]:
    """Return the choices of a vocabulary, by what they are called in English."""
    return [(one.id, one.text["en"].label) for one in terms]


def _tongue(language: str) -> Markup:
    """Return the attribute of a text in another language than the page's."""
    return Markup("") if language == "en" else Markup(' lang="{}"').format(language)
