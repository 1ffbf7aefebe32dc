"""Pages for people: ask, see, report. They work without script and load nothing from anywhere else."""
