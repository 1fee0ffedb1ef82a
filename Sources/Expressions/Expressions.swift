// Placeholder until the first file of Expressions lands.
