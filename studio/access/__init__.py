"""Who may ask, how often and how much: keys, admission, limits, pages of other origins."""
