"""What came of the builds over days and months, in figures and charts."""
