"""The curator's console: what its pages show and take; `api.routes.curate` answers with them."""
