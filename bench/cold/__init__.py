"""Programs that are measured from start to end: each makes its client and reads once in a fresh process.

They take the endpoint and the id of a project, and print how many rows they read. They stand alone: what they share
would be imported in the measured part.
"""
