// Placeholder until the first file of Functions lands.
