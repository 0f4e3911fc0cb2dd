"""The harness: does a change make agendas, recommendations and matches better or worse."""
