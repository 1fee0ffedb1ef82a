// Placeholder until the first file of JSONLines lands.
