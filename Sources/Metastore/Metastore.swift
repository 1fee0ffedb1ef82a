// Placeholder until the first file of Metastore lands.
