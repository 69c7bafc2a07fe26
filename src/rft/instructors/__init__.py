"""Those who teach: their papers, when they are away, when they can usually be asked."""
