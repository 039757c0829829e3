"""The version of the distribution, read by the build."""

#: The version of this package.
__version__ = "0.1.0"
