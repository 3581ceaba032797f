/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * calibration-log.h - what happened to one sensor over the years: as-found and as-left values,
 * adjustments, checks against a reference.
 *
 * One file per sensor, one JSON object per line, only ever appended to. Each entry carries the
 * SHA-256 of the line before it, so that no line but the last can be changed, taken out or put in
 * unseen; whoever keeps the digest of the last line elsewhere sees that too.
 * Documentation/calibration-log.md has the format.
 *
 * Source of the terms: VIM (JCGM 200:2012) 2.39 calibration, 3.11 adjustment; "as found" and "as
 * left": ISO/IEC 17025:2017, 7.8.4.1 d.
 */
#ifndef SENSE_CALIBRATION_LOG_H
#define SENSE_CALIBRATION_LOG_H

#include <sense/api.h>
#include <sense/day.h>

SENSE_BEGIN_DECLS

enum sense_log_kind {
	SENSE_LOG_AS_FOUND = 0,	/**< compared before anything was changed */
	SENSE_LOG_AS_LEFT,	/**< compared, or computed, after an adjustment */
	SENSE_LOG_ADJUSTMENT,	/**< another characteristic, or another hardware setting, in force */
	SENSE_LOG_CHECK		/**< compared with a check standard between calibrations */
};

/** "as-found", "as-left", "adjustment", "check"; "" beyond. Static. */
SENSE_API const char *sense_log_kind_get_name(enum sense_log_kind kind);

/** Most points of an entry, and coefficients of a fit. */
#define SENSE_LOG_POINTS_MAX 1000
#define SENSE_LOG_COEFFICIENTS_MAX 10

/** In the place of a digest where there is no line before. */
#define SENSE_LOG_NO_DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

/** One point of a comparison. Values are in the entry's unit; NaN where there is none. */
struct sense_log_point {
	double nominal;		/**< which point this is: the same number each time it is visited */
	double reference;	/**< value by the reference */
	double u_reference;	/**< its standard uncertainty, >= 0 */
	double u_common;	/**< part of it that all comparisons with this reference share */
	double indicated;	/**< value by the sensor as it was in force */
	double u_indicated;	/**< standard uncertainty of the reading (not of its calibration) */
	double input;		/**< electrical reading, in the entry's input unit; NaN for none */
	double u_input;		/**< its standard uncertainty; NaN */
};

struct sense_log_coefficient {
	char name[32];
	double value;
	double u;		/**< standard uncertainty, NaN unknown */
};

/** One entry. Strings are borrowed from the log; "" where the entry says nothing. */
struct sense_log_entry {
	enum sense_log_kind kind;
	int32_t day;			/**< days since 1970-01-01 */
	const char *item;		/**< what it is */
	const char *serial;
	const char *author;		/**< who answers for it */
	const char *unit;		/**< of values, as libsense spells it (channel.h) */
	const char *input_unit;		/**< of electrical readings; "" */
	const char *sensor_sha256;	/**< sense_sensor_get_digest() of the sensor in force; after
					  *  an adjustment, the new one */
	const char *reference;		/**< name of the reference */
	const char *reference_serial;
	const char *certificate;	/**< identifier of the reference's certificate */
	const char *certificate_sha256;	/**< of its file */
	const char *record;		/**< identifier of the verification record, and SHA-256 */
	const char *record_sha256;
	const char *valid_until;	/**< "2027-02-28": last day it may be relied on */
	const char *remark;
	const struct sense_log_point *points;
	unsigned int point_count;
	const char *equation;		/**< of the fit: "rtd", "polynomial", ...; "" for no fit */
	struct sense_log_coefficient coefficients[SENSE_LOG_COEFFICIENTS_MAX];
	unsigned int coefficient_count;
	double covariance[SENSE_LOG_COEFFICIENTS_MAX * SENSE_LOG_COEFFICIENTS_MAX];
	double chi2;			/**< of the fit; NaN */
	unsigned int degrees_of_freedom;
	const char *previous;		/**< SHA-256 of the line before; 64 zeros at first */
	const char *digest;		/**< SHA-256 of this line, without its newline */
};

/** sense_log_entry_init() - an entry that says nothing: strings "", numbers NaN. */
SENSE_API void sense_log_entry_init(struct sense_log_entry *entry);

/** A log as read. Immutable; any thread. */
struct sense_calibration_log;

/**
 * sense_calibration_log_load() / _parse() - read a log and check its chain.
 * @name: what to call it in errors
 *
 * Owned; sense_calibration_log_free(). NULL: -EBADMSG (the chain is broken, a line is no entry, the
 * last line is torn, another item or serial, a date before the one above it), -EFBIG (over 32 MiB),
 * or what open and read say. An empty text is a log without entries.
 */
SENSE_API struct sense_calibration_log *sense_calibration_log_load(const char *path);
SENSE_API struct sense_calibration_log *sense_calibration_log_parse(const char *name,
								    const void *data, size_t size);
SENSE_API void sense_calibration_log_free(struct sense_calibration_log *log);

SENSE_API unsigned int sense_calibration_log_get_count(const struct sense_calibration_log *log);
/** Borrowed; NULL past the end. */
SENSE_API const struct sense_log_entry *
sense_calibration_log_get_entry(const struct sense_calibration_log *log, unsigned int index);
/** SHA-256 of the last line, 64 hexadecimal digits; zeros for a log without entries. */
SENSE_API const char *sense_calibration_log_get_digest(const struct sense_calibration_log *log);

/**
 * sense_calibration_log_append() - add an entry to a file, made when it is not there.
 * @expected: digest of the last line as the caller knows it (zeros: no entries yet); NULL: whatever
 *     it is
 * @digest: of the line written; may be NULL
 *
 * The file is locked, read and checked, one line is written in one piece and is on disk when this
 * returns. entry->previous and ->digest are not looked at. 0; -EINVAL (something required is
 * missing: item, serial, author, unit, points but for an adjustment); -ESTALE (@expected is not
 * what the file ends with); -EBADMSG (as _load(), or the entry does not continue this log); or what
 * open and write say.
 */
SENSE_API int sense_calibration_log_append(const char *path, const struct sense_log_entry *entry,
					   const char *expected, char digest[65]);

SENSE_END_DECLS

#endif
