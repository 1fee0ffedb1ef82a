// Placeholder until the first file of Crawling lands.
