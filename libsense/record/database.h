/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * database.h - SQLite underneath the record: opening, recognising, and turning
 * its results into errno and a sentence.
 */
#ifndef SENSE_RECORD_DATABASE_H
#define SENSE_RECORD_DATABASE_H

#include <sqlite3.h>
#include <stdint.h>

enum sense_database_kind {
	SENSE_DATABASE_EMPTY,	/* no tables yet: a record can be made of it */
	SENSE_DATABASE_RECORD
};

/*
 * Fail with what SQLite says about @db. @doing completes "cannot ...". Also for
 * a @db of NULL: then @code alone speaks. Returns -errno, always negative.
 */
int sense_database_fail(sqlite3 *db, int code, const char *path, const char *doing);

/*
 * Open @path with SQLite's @flags and @vfs (NULL: the default), with what
 * every connection of ours has: a timeout, no trust in the file's schema.
 * NULL with an error.
 */
sqlite3 *sense_database_open(const char *path, int flags, const char *vfs);

/* enum sense_database_kind, or -EMEDIUMTYPE, -EPROTO, -errno with an error. */
int sense_database_recognise(sqlite3 *db, const char *path);

/* Run statements that return nothing. 0 or -errno with an error. */
int sense_database_run(sqlite3 *db, const char *path, const char *sql, const char *doing);

/* First column of the first row as an integer. 0 or -errno with an error. */
int sense_database_integer(sqlite3 *db, const char *path, const char *sql, int64_t *result);

/* Prepare a statement that is used again and again. 0 or -errno with an error. */
int sense_database_prepare(sqlite3 *db, const char *path, const char *sql,
			   sqlite3_stmt **statement);

#endif
