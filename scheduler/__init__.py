"""Everything that moves a message: lanes, receipts, recovery, periodic jobs."""
