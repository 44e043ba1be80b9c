"""NEST's own files: its traces read and judged, ours written as its, its scenarios run."""
