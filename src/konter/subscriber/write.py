"""What other domains may write of a subscription in a statement of their own, under its owner's lock."""

from konter.subscriber.queries import lengthened_update

__all__ = ["lengthened_update"]
