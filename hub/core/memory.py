"""What lives as long as the process: told to the garbage collector once, so that it is not walked over for ever."""

import gc


def keep_for_good() -> None:
    """Leave everything that exists now out of later collections. Call it when a process is set up, before its work.

    A full collection walks over every object there is, and nearly all of them are modules, mappings and schemas that
    never go; in a harvest that was a tenth of a reading process's time.
    """
    gc.collect()
    gc.freeze()
