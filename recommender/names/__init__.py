"""Names of people who are no members, in what people write."""
