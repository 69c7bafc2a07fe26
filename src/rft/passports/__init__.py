"""The employer passport: an organisation sees its own people, their certificates, and what its sites still need."""
