"""Reports: revenue, bookings, occupancy, customers and traffic, from the sums that the database keeps."""
