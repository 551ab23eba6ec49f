"""The verbs: loaded state and a command in, Changes out. No verb imports another; flow composes them."""
