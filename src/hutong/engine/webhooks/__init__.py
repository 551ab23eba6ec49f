"""Webhooks: journal records as CloudEvents 1.0, posted to subscribers in order, at least once, signed."""
