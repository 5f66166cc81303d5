"""The desk: canned replies, labels, teams, channels and bots that consultations are worked with."""
