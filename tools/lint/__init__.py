"""Rules of this repository that a program can check."""
