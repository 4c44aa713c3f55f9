"""What an 8x8 failure is: decoding, catalogue, hosts, privacy. Standard library only, pure, total."""
