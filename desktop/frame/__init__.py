"""The frame around the tabs: what the window itself is made of."""
