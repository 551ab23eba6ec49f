"""What speaks with devices and outside channels: one module (or small package) per protocol, one server for all."""
