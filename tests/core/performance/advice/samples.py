"""Databases for advice: like those that people have, with something to improve."""

import sqlite3
from contextlib import closing
from pathlib import Path

MUSIC = """
CREATE TABLE Artist (ArtistId INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE Album (AlbumId INTEGER PRIMARY KEY, Title TEXT NOT NULL,
    ArtistId INTEGER NOT NULL REFERENCES Artist (ArtistId));
CREATE TABLE Genre (GenreId INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE Track (TrackId INTEGER PRIMARY KEY, Name TEXT NOT NULL,
    AlbumId INTEGER REFERENCES Album (AlbumId), GenreId INTEGER REFERENCES Genre (GenreId),
    Composer TEXT, Milliseconds INTEGER NOT NULL);
CREATE TABLE PlaylistTrack (PlaylistId INTEGER, TrackId INTEGER REFERENCES Track (TrackId),
    PRIMARY KEY (PlaylistId, TrackId));
CREATE INDEX ix_track_composer ON Track (Composer);
CREATE INDEX ix_track_composer_name ON Track (Composer, Name);
CREATE INDEX ix_track_genre ON Track (GenreId);
CREATE TABLE Plays (At TEXT, What TEXT);
"""
GOOD = """
CREATE INDEX ix_track_album ON Track (AlbumId);
CREATE INDEX ix_playlist_track ON PlaylistTrack (TrackId);
CREATE INDEX ix_album_artist ON Album (ArtistId);
DROP INDEX ix_track_composer;
DROP TABLE Plays;
ANALYZE;
PRAGMA journal_mode = wal;
VACUUM;
"""
_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"


def make_music(path: Path, *, tracks: int = 20_000, good: bool = False) -> Path:
    """Make a shop's database, of which Album is small; good is one without any flaw."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(MUSIC)
        connection.execute("BEGIN")
        numbers = _NUMBERS.format(tracks)
        connection.execute(
            f"{numbers} INSERT INTO Track SELECT i, 'Track ' || i, i % 300 + 1, i % 20 + 1,"
            " 'Composer ' || (i % 700), i FROM n"
        )
        connection.execute(f"{numbers} INSERT INTO PlaylistTrack SELECT i % 10, i FROM n")
        connection.execute(f"{_NUMBERS.format(500)} INSERT INTO Plays SELECT i, 'x' FROM n")
        connection.execute(
            f"{_NUMBERS.format(300)} INSERT INTO Album"
            " SELECT i, 'Album ' || i, i % 90 + 1 FROM n"
        )
        connection.execute(
            f"{_NUMBERS.format(90)} INSERT INTO Artist SELECT i, 'A' || i FROM n"
        )
        connection.execute(f"{_NUMBERS.format(20)} INSERT INTO Genre SELECT i, 'G' || i FROM n")
        connection.execute("COMMIT")
        if good:
            connection.executescript(GOOD)
    return path
