"""Programs that are measured from their start to their first result: each makes its client and reads once.

They take the endpoint and the id of a project, and print how many rows they read and the CPU seconds until then, user
and system, interpreter included. They stand alone: what they share would be imported in the measured part.
"""
