"""MQTT: one client per broker that the city names; what it hears becomes observations, what the city does is published."""
