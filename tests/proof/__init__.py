"""Proofs of the product's promises at the size of a city: too long for every run of the tests, one command each."""
