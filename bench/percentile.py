"""Quantiles of a sorted list."""


def at(ordered, share):
    """The value that `share` (0 to 1) of the sorted values do not exceed; None of an empty list."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
