"""What proves a course to others: a signed pack of its papers, and the results for the awarding body."""
