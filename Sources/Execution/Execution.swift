// Placeholder until the first file of Execution lands.
