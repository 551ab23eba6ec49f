"""Faces over HTTP: the native API and one module or package per standard. Asynchronous here, synchronous inside."""
