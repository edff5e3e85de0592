"""Benchmarking, planning and financing of social services: the mechanics behind the notebooks."""
