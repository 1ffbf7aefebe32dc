"""The rows of the table that `benchmarks.matching` prints, one module a kind of measure."""
