"""The contract's shapes as frozen models. No input or output here."""
