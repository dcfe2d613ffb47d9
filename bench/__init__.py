"""What has to be quick enough: `make bench` measures it; no test is timed."""
