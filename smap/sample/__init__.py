"""The embedded sample city: written facts in, ordinary source files out; the normal pipeline builds them."""
