"""One module (or folder) per provider; only the registry names them."""
