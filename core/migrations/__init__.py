"""Migrations: the schema is made and changed by Alembic, never by ``create_all``."""
