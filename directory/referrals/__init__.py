"""The loop that never closes its door: cases, needs, agreements, referrals, and what comes back from providers."""
