/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * verification.h - a verification record: the result of comparing a sensor with a reference,
 * written in the syntax of a Digital Calibration Certificate (DCC 3.3.0) so that the same programs
 * read it.
 *
 * Only an accredited laboratory issues a calibration certificate (ISO/IEC 17025). Every record says
 * in its name and in a statement of its own that it is none.
 */
#ifndef SENSE_VERIFICATION_H
#define SENSE_VERIFICATION_H

#include <sense/api.h>
#include <sense/certificate.h>

SENSE_BEGIN_DECLS

/** Token of the refType by which a record's own statement is known. */
#define SENSE_VERIFICATION_REF_TYPE "sense_notAccredited"

/** Mutable; strings given to it are copied. */
struct sense_verification;

/** sense_verification_new() - @identifier: unique, as dcc:uniqueIdentifier. Owned; _free(). */
SENSE_API struct sense_verification *sense_verification_new(const char *identifier);
SENSE_API void sense_verification_free(struct sense_verification *record);

/** What was compared; @manufacturer and @model may be NULL. Required. 0 or -errno, as all below. */
SENSE_API int sense_verification_set_item(struct sense_verification *record, const char *name,
					  const char *manufacturer, const char *model,
					  const char *serial);
/** Who did it and where: a firm, a person, ISO 3166-1 country in two capitals. Required. */
SENSE_API int sense_verification_set_operator(struct sense_verification *record, const char *firm,
					      const char *person, const char *city,
					      const char *country);
/** First and last day, "YYYY-MM-DD". Required. */
SENSE_API int sense_verification_set_dates(struct sense_verification *record, const char *begin,
					   const char *end);
/** When it should be done again, "YYYY-MM-DD". */
SENSE_API int sense_verification_set_next_date(struct sense_verification *record, const char *date);
/** How it was done; @norm may be NULL. */
SENSE_API int sense_verification_add_method(struct sense_verification *record, const char *name,
					    const char *norm);
/**
 * A reference or instrument used. @certificate: path of its DCC, whose identifier and SHA-256 are
 * recorded; NULL for none. Fails with what sense_certificate_load() says.
 */
SENSE_API int sense_verification_add_equipment(struct sense_verification *record, const char *name,
					       const char *serial, const char *certificate);
/** A condition: "basic_temperature", "air", 23.1, 0.2, "\degreecelsius". u NaN: unknown. */
SENSE_API int sense_verification_add_condition(struct sense_verification *record,
					       const char *ref_type, const char *name, double value,
					       double u, const char *unit);
/**
 * The points: reference, reference_u, measured, error, expanded, k and p of each are written where
 * they are finite (error: NaN throughout leaves that column out; expanded without k: u is written).
 * Units in D-SI. Required; at most 10000.
 */
SENSE_API int sense_verification_set_points(struct sense_verification *record,
					    const struct sense_calibration_point *points,
					    unsigned int count, const char *reference_unit,
					    const char *measured_unit);
/** A fitted coefficient, read back by sense_certificate_get_coefficient(). u NaN: unknown. */
SENSE_API int sense_verification_add_coefficient(struct sense_verification *record,
						 const char *name, double value, double u,
						 const char *unit);
/** A sentence for the reader. */
SENSE_API int sense_verification_add_remark(struct sense_verification *record, const char *text);

/**
 * sense_verification_write() - to a new file, on disk when it returns.
 * sense_verification_get_text() - the same in memory; *@text owned, free().
 *
 * 0, -EINVAL (something required is missing or cannot be said in a DCC), -EEXIST (evidence is not
 * overwritten), or what open and write say. What is written has been read back first.
 */
SENSE_API int sense_verification_write(const struct sense_verification *record, const char *path);
SENSE_API int sense_verification_get_text(const struct sense_verification *record, char **text,
					  size_t *size);

/** sense_certificate_is_verification() - 1 for a verification record, 0 for anything else. */
SENSE_API int sense_certificate_is_verification(const struct sense_certificate *certificate);

SENSE_END_DECLS

#endif
