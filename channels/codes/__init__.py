"""What providers' codes mean in words; one module per provider whose adapter has no table yet."""
