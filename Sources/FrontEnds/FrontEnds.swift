// Placeholder until the first file of FrontEnds lands.
