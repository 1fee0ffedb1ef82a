// Placeholder until the first file of Columnar lands.
