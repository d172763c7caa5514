"""The projects of the tab: their list, the header of the chosen one, and its form."""
