"""Storms: real processes under broken providers and a broken database, counted at the end."""
