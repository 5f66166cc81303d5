"""How a message leaves: the contract of an adapter, one adapter per provider, and the registry."""
