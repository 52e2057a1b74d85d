"""What run.py starts: the World data behind resources that any user of the library could write.

cli ── server (gunicorn; gunicorn_conf)
 └──── app ── world, health, convert ── rows ── models
              load, config, database
"""
