"""The top storey's tables."""

from coordination.models.job import Job

__all__ = ["Job"]
