"""The judgement: does this account pass itself off as that person?

Pure functions over frozen values: no input or output, no clock, nothing of the service.
Start reading at `matchers.model`.
"""
