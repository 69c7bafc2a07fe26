"""Small tools that know nothing of training: money, time, references. No domain word stands here."""
