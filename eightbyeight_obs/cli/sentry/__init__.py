"""Dashboards, alerts and rules for Sentry, made of the tags that the middleware sets."""
