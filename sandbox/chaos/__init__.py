"""Failing on demand: rules the desk gives, for send calls and for the webhooks that report them."""
