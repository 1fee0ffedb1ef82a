// Placeholder until the first file of Parquet lands.
