"""Evaluate systems side by side on the same questions: record, replay, grade, compare."""
