"""cpc: a C compiler with stackless coroutines."""

__version__ = "0.1.0"
