"""Bytes: requests, answers, problems, bodies, files, logs."""
