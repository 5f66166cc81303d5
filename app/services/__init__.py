"""What the gateway does: functions taking a runtime or a transaction, no classes to inherit."""
