"""The doctor: looks at a process from inside, runs one failure through it, and says what would not arrive."""
