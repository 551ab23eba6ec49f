"""热点: complaints that are alike in words, class, place and time, how hot they are, and what a project did to them."""
