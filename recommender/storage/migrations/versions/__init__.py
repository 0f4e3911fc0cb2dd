"""One module per migration; what was released is never changed."""
