"""Real projects built by cpc: python -m tests.projects (runner.py says what it does)."""
