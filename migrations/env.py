"""Alembic's environment: runs on the connection that the application hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
)
# The caller holds the transaction, so that schema and version change together or not at all.
context.run_migrations()
