"""Finds anything in the office by what somebody says of it: a name, a number, an address, a telephone."""
