// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/database.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sense/record.h>
#include "base/error.h"

/* Longest that a connection waits for another one's lock. */
#define BUSY_MS 2000

static int no_record(const char *path, const char *why)
{
	return sense_fail(EMEDIUMTYPE, path,
			  "give the path of a record that sense wrote, or of a file that does not "
			  "exist yet",
			  "%s is no record: %s", path, why);
}

/* The errno behind an input or output error, where the system said one. */
static int system_code(sqlite3 *db, int fallback)
{
	int code = db ? sqlite3_system_errno(db) : 0;

	switch (code) {
	case ENOSPC:
	case EDQUOT:
	case EROFS:
	case EACCES:
	case EPERM:
	case ENOENT:
	case EISDIR:
	case ENODEV:
	case EMFILE:
	case ENFILE:
		return code;
	default:
		return fallback;
	}
}

int sense_database_fail(sqlite3 *db, int code, const char *path, const char *doing)
{
	const char *says = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
	int error;

	switch (code & 0xff) {
	case SQLITE_FULL:
		return sense_fail(ENOSPC, path, "free space on its file system, then go on",
				  "cannot %s %s: the file system is full", doing, path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sense_fail(EBUSY, path, "end the program that holds it, then try again",
				  "cannot %s %s: another program has it locked", doing, path);
	case SQLITE_READONLY:
		return sense_fail(EROFS, path, "give a path on a file system and in a directory "
				  "that can be written",
				  "cannot %s %s: it is read-only", doing, path);
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return sense_fail(EACCES, path, "see who owns the file and its directory: ls -ld",
				  "cannot %s %s: permission denied", doing, path);
	case SQLITE_CANTOPEN:
		error = system_code(db, EACCES);
		if (error == EROFS)
			return sense_database_fail(db, SQLITE_READONLY, path, doing);
		return sense_fail(error, path,
				  error == ENOENT ? "see that the path is right: ls -l" :
				  "see who owns the file and its directory: ls -ld",
				  "cannot %s %s: %s", doing, path, strerror(error));
	case SQLITE_NOTADB:
		return no_record(path, "SQLite does not know its format");
	case SQLITE_CORRUPT:
		return sense_fail(EILSEQ, path, "copy what is readable with sqlite3 FILE .recover",
				  "cannot %s %s: it is damaged (%s)", doing, path, says);
	case SQLITE_INTERRUPT:
		return sense_fail(EILSEQ, path, "copy what is readable with sqlite3 FILE .recover",
				  "cannot %s %s: it leads round in circles", doing, path);
	case SQLITE_NOMEM:
		return sense_fail(ENOMEM, path, NULL, "cannot %s %s: out of memory", doing, path);
	case SQLITE_IOERR:
		error = system_code(db, EIO);
		if (error == ENOSPC || error == EDQUOT)
			return sense_database_fail(db, SQLITE_FULL, path, doing);
		return sense_fail(error, path, "look at the kernel log for the disk: dmesg",
				  "cannot %s %s: %s (%s)", doing, path, says, strerror(error));
	default:
		return sense_fail(EIO, path, NULL, "cannot %s %s: %s", doing, path, says);
	}
}

sqlite3 *sense_database_open(const char *path, int flags, const char *vfs)
{
	sqlite3 *db = NULL;
	int rc;

	rc = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
	if (rc != SQLITE_OK) {
		sense_database_fail(db, rc, path, "open");
		sqlite3_close(db);
		return NULL;
	}
	sqlite3_busy_timeout(db, BUSY_MS);
	/* A record may come from anywhere: its schema must not run code of its own. */
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_exec(db, "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
	return db;
}

int sense_database_run(sqlite3 *db, const char *path, const char *sql, const char *doing)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sense_database_fail(db, rc, path, doing);
}

int sense_database_prepare(sqlite3 *db, const char *path, const char *sql,
			   sqlite3_stmt **statement)
{
	int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);

	return rc == SQLITE_OK ? 0 : sense_database_fail(db, rc, path, "read the tables of");
}

int sense_database_integer(sqlite3 *db, const char *path, const char *sql, int64_t *result)
{
	sqlite3_stmt *statement;
	int rc = sense_database_prepare(db, path, sql, &statement);

	if (rc)
		return rc;
	rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW) {
		*result = sqlite3_column_int64(statement, 0);
		rc = 0;
	} else {
		rc = sense_database_fail(db, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, path, "read");
	}
	sqlite3_finalize(statement);
	return rc;
}

int sense_database_recognise(sqlite3 *db, const char *path)
{
	int64_t id, version, tables;
	int rc;

	rc = sense_database_integer(db, path, "PRAGMA application_id", &id);
	if (!rc)
		rc = sense_database_integer(db, path, "PRAGMA user_version", &version);
	if (!rc)
		rc = sense_database_integer(db, path, "SELECT count(*) FROM sqlite_schema",
					    &tables);
	if (rc)
		return rc;
	if (!id && !version && !tables)
		return SENSE_DATABASE_EMPTY;
	if (id != SENSE_RECORD_APPLICATION_ID)
		return no_record(path, "it is an SQLite database of another application");
	if (version > SENSE_RECORD_SCHEMA)
		return sense_fail(
			EPROTO, path, "use the version of sense that wrote it, or a newer one",
			"%s is a record of version %lld and this libsense knows version %d", path,
			(long long)version, SENSE_RECORD_SCHEMA);
	rc = sense_database_integer(
		db, path,
		"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN"
		" ('meta', 'stream', 'channel', 'frame', 'gap', 'total', 'event')",
		&tables);
	if (rc)
		return rc;
	if (version < 1 || tables != 7)
		return no_record(path, "it lacks the tables of a record");
	return SENSE_DATABASE_RECORD;
}
