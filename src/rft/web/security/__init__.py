"""What stands between the world and the pages: sessions, CSRF, limits, headers, closed areas, trusted cookies."""
