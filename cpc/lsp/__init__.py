"""A language server: what `cpc lint` finds, its repairs, and the color of functions, in any editor."""
