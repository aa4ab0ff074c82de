"""What the portal is compared with: a bare Flask view that inserts one row, commits it and says so."""

import os

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from portal.db.engine import for_writing, open_engine

DATABASE = "BARE_DATABASE_URL"
APPLICATION = "benchmarks.bare:create_app()"

_METADATA = MetaData()
_ROW = Table(
    "row", _METADATA, Column("id", Integer, primary_key=True), Column("name", String(64)), Column("value", String(64))
)


def create_app() -> Flask:
    """Make the application on the store that the environment names."""
    app = Flask(__name__)
    engine = for_writing(open_engine(os.environ[DATABASE]))
    _METADATA.create_all(engine)
    engine.dispose()  # no connection may be shared between the processes that gunicorn forks from this one

    @app.post("/rows")
    def add() -> ResponseReturnValue:
        given = request.get_json()
        with engine.begin() as connection:
            connection.execute(insert(_ROW), {"name": given["name"], "value": given["value"]})
        return jsonify(saved=True)

    return app
