"""measure: what happened in cases, counted per person, unit and place, and the scores that are made of it."""
