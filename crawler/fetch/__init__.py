"""How pages are asked for: net guard, robots.txt, politeness."""
