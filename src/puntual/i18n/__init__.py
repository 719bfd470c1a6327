"""What is said, in every language: a folder of messages each, one way to read them and to write numbers."""
