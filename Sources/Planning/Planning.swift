// Placeholder until the first file of Planning lands.
