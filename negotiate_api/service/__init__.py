"""What run.py starts: the World data behind resources that any user of the library could write.

cli ── server (gunicorn; gunicorn_conf)
 │└─── app ─┬─ world, health, convert ── rows ── models
 │          └─ users, tokens, todos, create ── accounts ── models
 │                 auth ── sign_in ── hashing, verified, failures
 │                 etags, records, transactions, collection
 └──── user_cli ── user_store
              load, schema, config, database
"""
