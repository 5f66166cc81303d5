"""NHN Cloud as the sandbox speaks it: Bizmessage Alimtalk v2.3 and SMS v3.0, under `/nhn`.

Written after NHN Cloud's public guides of 2026-06 (docs/nhn-cloud.md names them). Verified by
replaying every example they print of it, not against the service itself. What they do not state is
our choice, by the table of docs/sandbox.md.
"""
