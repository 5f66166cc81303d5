"""Alembic's folder; ``app.db.schema`` applies what is in it."""
