"""gcc's torture tests compiled by cpc: python -m tests.torture (runner.py says what it does)."""
