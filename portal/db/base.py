"""What every table shares: names of constraints, aware instants, codes that the database checks."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, Enum, Index, MetaData, TypeDecorator, Uuid, text
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn the instant into UTC; SQLite has no zones and keeps the naive UTC time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant must be aware, not {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature is SQLAlchemy's
        """Give the instant back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def code_of(kind: type[StrEnum], length: int = 32) -> Enum:
    """Give the column type for a code of `kind`: text that the database checks against its members."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=lambda members: [member.value for member in members],
        name=kind.__name__.lower(),
    )


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Give an index of the rows that meet a condition, in SQL; where `unique`, no two of them are alike in `columns`.

    Migrations alone make indices, and hear of the condition from `know_conditions`: an index that names a kind of
    database loads all that SQLAlchemy knows of it, 3 MB in each web worker.
    """
    return Index(name, *columns, unique=unique, info={"where": where})


def know_conditions(metadata: MetaData) -> None:
    """Give partial indices their conditions in the words of each kind of database."""
    for index in (each for table in metadata.tables.values() for each in table.indexes if "where" in each.info):
        for dialect in ("sqlite", "postgresql"):
            index.dialect_options[dialect]["where"] = text(index.info["where"])


# None is SQL NULL, never the JSON text "null": otherwise "no value" would have two spellings.
Json = JSON(none_as_null=True)


class Base(DeclarativeBase):
    """Tables of the clinical store."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: Instant, UUID: Uuid, dict[str, Any]: Json}


class ContactBase(DeclarativeBase):
    """Tables of the contact store: persons, apart from answers."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: Instant, UUID: Uuid}
