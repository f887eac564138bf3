"""System checks: production does not start with settings that are unsafe or missing."""
