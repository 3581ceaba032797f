/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * schema.h - the tables of a record, version 1. Documentation/record.md explains
 * each column; change both together, and never a version that has been released.
 */
#ifndef SENSE_RECORD_SCHEMA_H
#define SENSE_RECORD_SCHEMA_H

/*
 * 16 KiB: at 200 k scans/s it halves the CPU that 4 KiB pages cost, while a
 * commit of one small frame still rewrites only some 50 kB.
 */
#define SENSE_RECORD_PAGE_BYTES 16384

/* Largest row SQLite accepts by default (SQLITE_MAX_LENGTH). */
#define SENSE_RECORD_ROW_BYTES 1000000000u

#define SENSE_RECORD_TABLES							\
	"CREATE TABLE meta ("							\
	" key TEXT NOT NULL PRIMARY KEY,"					\
	" value TEXT NOT NULL) WITHOUT ROWID;"					\
	"CREATE TABLE stream ("							\
	" stream INTEGER PRIMARY KEY,"						\
	" uuid TEXT NOT NULL UNIQUE,"						\
	" device_id TEXT NOT NULL,"						\
	" device_name TEXT NOT NULL,"						\
	" serial TEXT NOT NULL,"						\
	" driver TEXT NOT NULL,"						\
	" simulated INTEGER NOT NULL,"						\
	" block_scans INTEGER NOT NULL,"					\
	" rate_hz REAL NOT NULL,"						\
	" started TEXT NOT NULL,"						\
	" started_ns INTEGER NOT NULL,"						\
	" clock TEXT NOT NULL,"							\
	" tai_offset_s INTEGER NOT NULL,"					\
	" host TEXT NOT NULL,"							\
	" kernel TEXT NOT NULL,"						\
	" library TEXT NOT NULL,"						\
	" configuration TEXT NOT NULL);"					\
	"CREATE TABLE channel ("						\
	" stream INTEGER NOT NULL REFERENCES stream,"				\
	" channel INTEGER NOT NULL,"						\
	" name TEXT NOT NULL,"							\
	" iio_id TEXT NOT NULL,"						\
	" kind TEXT NOT NULL,"							\
	" unit TEXT NOT NULL,"							\
	" scale REAL NOT NULL,"							\
	" offset REAL NOT NULL,"						\
	" bits INTEGER NOT NULL,"						\
	" range_min INTEGER,"							\
	" range_max INTEGER,"							\
	" sample_group INTEGER NOT NULL,"					\
	" card_index INTEGER NOT NULL,"						\
	" PRIMARY KEY (stream, channel)) WITHOUT ROWID;"			\
	"CREATE TABLE frame ("							\
	" frame INTEGER PRIMARY KEY,"						\
	" stream INTEGER NOT NULL REFERENCES stream,"				\
	" first_sequence INTEGER NOT NULL,"					\
	" count INTEGER NOT NULL,"						\
	" present_count INTEGER NOT NULL,"					\
	" first_time_ns INTEGER NOT NULL,"					\
	" last_time_ns INTEGER NOT NULL,"					\
	" session INTEGER NOT NULL,"						\
	" epoch INTEGER NOT NULL,"						\
	" flags INTEGER NOT NULL,"						\
	" tai_offset_s INTEGER NOT NULL,"					\
	" time_u_ns REAL,"							\
	" expired INTEGER NOT NULL,"						\
	" value_unit TEXT,"							\
	" present BLOB,"							\
	" fault BLOB,"								\
	" saturation BLOB,"							\
	" scan_flags BLOB,"							\
	" counter BLOB,"							\
	" time_ns BLOB NOT NULL,"						\
	" raw BLOB NOT NULL,"							\
	" value BLOB,"								\
	" value_u BLOB,"							\
	" outside BLOB);"							\
	"CREATE UNIQUE INDEX frame_sequence ON frame (stream, first_sequence);"	\
	"CREATE TABLE gap ("							\
	" stream INTEGER NOT NULL REFERENCES stream,"				\
	" first_sequence INTEGER NOT NULL,"					\
	" count INTEGER NOT NULL,"						\
	" cause TEXT NOT NULL,"							\
	" PRIMARY KEY (stream, first_sequence)) WITHOUT ROWID;"			\
	"CREATE TABLE total ("							\
	" stream INTEGER PRIMARY KEY REFERENCES stream,"			\
	" frames INTEGER NOT NULL,"						\
	" scans INTEGER NOT NULL,"						\
	" missing INTEGER NOT NULL,"						\
	" gaps INTEGER NOT NULL,"						\
	" first_sequence INTEGER,"						\
	" last_sequence INTEGER,"						\
	" first_time_ns INTEGER,"						\
	" last_time_ns INTEGER,"						\
	" flags INTEGER NOT NULL);"						\
	"CREATE TABLE event ("							\
	" event INTEGER PRIMARY KEY,"						\
	" stream INTEGER REFERENCES stream,"					\
	" time_ns INTEGER NOT NULL,"						\
	" sequence INTEGER,"							\
	" count INTEGER NOT NULL,"						\
	" type TEXT NOT NULL,"							\
	" severity TEXT NOT NULL,"						\
	" cause TEXT,"								\
	" object TEXT NOT NULL,"						\
	" author TEXT NOT NULL,"						\
	" message TEXT NOT NULL);"						\
	"CREATE INDEX event_time ON event (time_ns);"

#endif
