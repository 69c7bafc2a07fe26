"""How often one address may place or look for orders; pages and API count together."""

from rft.web.security.limits import Limit

# Far above what one office books in a day; below what it takes to empty the calendar.
ORDERS = Limit("orders", times=120, seconds=600)
# A reference has 80 random bits: this is against a machine that tries, not against a person who mistypes.
FIND_ORDER = Limit("find_order", times=10, seconds=600)
