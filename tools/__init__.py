"""What a fresh clone needs before it can run: the Python environment and the engine; standard library only."""
