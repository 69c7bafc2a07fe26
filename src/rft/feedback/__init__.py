"""What people thought of a course: asked once by mail, answered without a name, shown by course and by instructor."""
