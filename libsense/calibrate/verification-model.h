/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verification-model.h - the inside of a verification record.
 */
#ifndef SENSE_CALIBRATE_VERIFICATION_MODEL_H
#define SENSE_CALIBRATE_VERIFICATION_MODEL_H

#include <libxml/xmlwriter.h>

#include <sense/verification.h>

#include "calibrate/arena.h"

struct condition {
	const char *ref_type, *name, *unit;
	double value, u;
};

struct equipment {
	const char *name, *serial, *identifier, *sha256;
};

struct method {
	const char *name, *norm;
};

struct coefficient {
	const char *name, *unit;
	double value, u;
};

struct sense_verification {
	struct arena arena;
	const char *identifier, *item, *manufacturer, *model, *serial;
	const char *firm, *person, *city, *country, *begin, *end, *next;
	const char *reference_unit, *measured_unit;
	struct sense_calibration_point *points;
	unsigned int point_count;
	struct vector conditions, equipment, methods, coefficients, remarks;
};

/* The whole document. Texts are not checked here: what is written is read back. */
void verification_document(xmlTextWriter *w, const struct sense_verification *record);

#endif
