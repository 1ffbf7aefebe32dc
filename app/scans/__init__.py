"""The main job: one search for one subject over chosen sources, judged, ranked, explained and stored."""
