"""Plans a release run and works off its chunks."""
