"""Dialogues that a customer dials: menus by USSD. How to write one stands in the README beside this file."""
