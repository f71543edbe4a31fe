"""From what a worker hears on the phone to services that can help this person here, with reasons."""
