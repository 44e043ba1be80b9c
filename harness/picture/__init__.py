"""How it looks: diagrams, pages, and their twins in text. See the map in CONTRIBUTING.md."""
