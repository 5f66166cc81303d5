"""The desk API, `/desk/api`: set the sandbox up, look inside, act as the people on the phones."""
