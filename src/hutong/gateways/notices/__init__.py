"""Channels to the outside: SMS, e-mail, webhooks."""
