"""How often Python looks for garbage."""

import gc


def settle() -> None:
    """Call once everything is imported: what is there stays for good and need not be looked
    through again, and what comes is looked through less often. Bulk calls make hundreds of
    thousands of small objects, none of them in a cycle; without this a third of their time went
    into looking (measured, see docs/performance.md)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
