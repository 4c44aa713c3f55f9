"""The report: every failure of 8x8's in any amount of logs, counted by DuckDB, for a terminal or as one page."""
