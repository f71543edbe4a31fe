"""Partners: organizations that register their own services here and keep them true, and what staff check of them.

Register is not receive: what a partner writes is found, shown and referred to by nobody until two people have agreed.
"""
