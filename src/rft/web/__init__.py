"""What every page and API call goes through: security, templates, assets, errors drawn for people and machines."""
