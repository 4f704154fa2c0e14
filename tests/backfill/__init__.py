"""Going back in time, against servers on loopback that speak the real protocols."""
