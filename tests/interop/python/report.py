"""What a program here tells its caller: one JSON object per line on standard output, whole and at once."""

import json
import sys
import threading

_whole_lines = threading.Lock()


def say(step, **facts):
    """Reports that `step` has happened, with what is known about it. Bytes must be made text before."""
    line = json.dumps({"step": step, **facts}, sort_keys=True)
    with _whole_lines:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def refused(step, error):
    """Reports how a call ended that did not end well: the gRPC code by name, and its text."""
    say(step, code=error.code().name, details=error.details())
