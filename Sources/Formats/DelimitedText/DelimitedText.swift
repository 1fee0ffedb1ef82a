// Placeholder until the first file of DelimitedText lands.
