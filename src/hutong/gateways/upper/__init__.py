"""The port to an upper platform: asks it for orders, tells it what became of them."""
