"""What differs between the databases that can hold a store: a file of SQLite, or a server of PostgreSQL's kind.

::

    store.py       Store: what all of them can do, and what each has to bring
    sqlite.py      a file on this machine, the default
    postgresql.py  a server that is named by a URL; loaded, with its driver, when a URL names one
    server.py      connections to a server
    server_url.py  the URL
    rewriting.py   SQL as it stands in the program, in the words of PostgreSQL
    calls.py       calls of functions in SQL, likewise
    words.py       what goes wrong with a server, as sentences

The SQL of the program is written once, in the words that SQLite takes; the rules for it stand in rewriting.py.
"""
