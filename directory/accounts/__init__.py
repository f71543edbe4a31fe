"""Who works here: local accounts, their passwords, sessions and roles, and the one place that says who may do what."""
