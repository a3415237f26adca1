"""What is known of a whole program without compiling it: facts of units (facts.py), linked in a `Program`."""
