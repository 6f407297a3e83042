"""Answers by mail: from the bytes of a message to values that can be stored, or a task for staff."""
