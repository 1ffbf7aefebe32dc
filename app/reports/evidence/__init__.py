"""Evidence bundles: one signed file that shows a comparison to people and lets a program judge it again."""
