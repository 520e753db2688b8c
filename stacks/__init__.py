"""Stack files, and the program that reads them."""
