"""Meterportal: collecting copier meter readings from customers."""
