"""An interpreter that does nothing: what no client can go below."""

print(0)
