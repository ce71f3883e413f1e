"""Tables in: CSV, TSV, Excel and Parquet, as columns of numbers and columns of text."""

from nital.io.tables.table import Table, read_table

__all__ = ["Table", "read_table"]
