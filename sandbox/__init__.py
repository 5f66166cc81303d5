"""A messenger to rehearse with: provider wire formats, virtual phones and a desk."""
