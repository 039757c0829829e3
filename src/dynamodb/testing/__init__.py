"""What tests need: engines to run against. Installed with the `testing` extra; never imported by the data layer."""
