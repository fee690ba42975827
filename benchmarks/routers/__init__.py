"""Routers from the literature, in our own small versions, behind one interface."""
