"""Register: the state's register of providers and the run's own."""
