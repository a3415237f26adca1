"""Questions about a call graph: which functions, who calls whom, and by which ways (`cpc query`)."""
