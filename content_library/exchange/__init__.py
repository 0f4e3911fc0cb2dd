"""Resources to and from the files of other systems: CSV, schema.org JSON-LD, OPML."""
