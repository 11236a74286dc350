"""Records and contracts that tests of several groups produce."""
