"""The maintenance child: a process of its own in which apsw works on a database file.

Each run is one process and one operation, started by ``client.run_child``. To add an
operation:

1. Write ``def name(request: Request, tell: Conversation) -> dict[str, Any]`` in a module of
   ``core/performance/child/operations/``, with the standard library, apsw and what needs no
   more than these. Open files with ``opening.opened(path, tell, mode=…)``: its statements
   stop when the run is cancelled.
2. Say how far it is with ``tell.progress(fraction, "phase")``, ask ``tell.check()`` in loops
   of Python, and say ``tell.no_return("phase")`` before what must be completed. Remove partial
   files in ``finally``: a cancellation and the death of the parent both raise inside.
3. Name it in ``operations.OPERATIONS``, and its phases in ``phases.phase_words``.
4. Call ``await run_child("name", path=…, progress=…, mode="ro", …)`` in the parent, and check
   what comes back with pydantic: a damaged file must not harm the parent. Where much is to
   be prepared before, ``async with child_ahead("name") as child`` starts the child meanwhile.
"""
