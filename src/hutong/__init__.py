"""Hutong 胡同: the operating platform of a city."""
