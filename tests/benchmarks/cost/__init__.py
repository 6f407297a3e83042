"""What a month of readings costs: units counted by walking the real paths, priced by a list."""
