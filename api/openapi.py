"""`python -m api.openapi`: write the description of the API beside this file.

A test compares it with what the application says.
"""

import json
from pathlib import Path

from api.app import create_app, openapi_of
from recommender.catalogue import open_catalogue
from recommender.settings import Settings

FILE = Path(__file__).with_name("openapi.json")


def openapi_text() -> str:
    """Return the description as it stands in the file."""
    settings = Settings(_env_file=None)
    app = create_app(open_catalogue(settings.encoder, cache=None), settings)
    return json.dumps(openapi_of(app), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(openapi_text(), encoding="utf-8")
