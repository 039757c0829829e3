"""Side-by-side measurements of this layer and its peers; `README.md` says what is measured and how."""
