/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * comparison.h - a sensor compared with a reference at several points: errors as found, a new
 * characteristic with its covariance, residuals, and the sensor file that states it.
 */
#ifndef SENSE_COMPARISON_H
#define SENSE_COMPARISON_H

#include <sense/api.h>
#include <sense/calibration-log.h>
#include <sense/certificate.h>
#include <sense/sensor.h>

SENSE_BEGIN_DECLS

/** What is fitted. */
enum sense_comparison_equation {
	SENSE_COMPARISON_NONE = 0,	/**< nothing: the sensor is checked */
	SENSE_COMPARISON_RTD,		/**< R0, A, B and, with points below 0 degC, C (IEC 60751, 4.2) */
	SENSE_COMPARISON_R0,		/**< R0 alone; A, B and C are those in force */
	SENSE_COMPARISON_POLYNOMIAL,	/**< value as a polynomial of the reading; a "table" sensor */
	SENSE_COMPARISON_DEVIATION	/**< a thermocouple's deviation from its reference function */
};

/** "none", "rtd", "r0", "polynomial", "deviation"; "" beyond. Static. */
SENSE_API const char *
sense_comparison_equation_get_name(enum sense_comparison_equation equation);

/** One point as observed. */
struct sense_comparison_point {
	double nominal;		/**< which point it is, in the log */
	double reference;	/**< value by the reference, in the sensor's unit */
	double u_reference;	/**< its standard uncertainty, > 0 */
	double u_common;	/**< part of it that all points share; 0 <= u_common <= u_reference */
	double input;		/**< the sensor's reading, in its input unit */
	double u_input;		/**< its standard uncertainty, >= 0 */
};

struct sense_comparison_setup {
	const struct sense_sensor *sensor;	/**< in force; not needed after _new() */
	enum sense_comparison_equation equation;
	unsigned int degree;			/**< of a polynomial (1 to 9) or deviation (1 to 3) */
	double auxiliary_degC;			/**< cold junction or load cell; not looked at elsewhere */
	double k;				/**< coverage factor of E_n, > 0 */
};

/** Most points compared at once. */
#define SENSE_COMPARISON_POINTS_MAX 32

/** What came out at a point. Values in the sensor's unit, NaN where there is none. */
struct sense_comparison_result {
	struct sense_comparison_point point;
	double indicated;	/**< by the sensor in force */
	double u_indicated;	/**< u_input through the slope */
	double error;		/**< indicated less reference */
	double u_error;
	double u_sensor;	/**< what the sensor's own certificate states, NaN unknown */
	/** Error over the expanded uncertainties of both, |E_n| <= 1 where they hold (ISO 13528:2022, 9.7). */
	double en;
	double fitted;		/**< by the new characteristic */
	double residual;	/**< fitted less reference */
	double u_fitted;	/**< standard uncertainty of the new characteristic there */
};

struct sense_comparison;

/**
 * sense_comparison_new() - compare and fit.
 *
 * Generalised least squares; reference and reading both count, what the points share stands in the
 * covariance. Where they scatter more than their uncertainties say, these are multiplied by the
 * Birge ratio sqrt(chi2 / degrees of freedom), and so is all that follows from them.
 *
 * Owned; _free(). NULL: -EINVAL (too few points: a fit takes one more than it has coefficients;
 * an equation that is not this sensor's; an uncertainty that is none), -EDOM (readings that do not
 * rise, or fall, with the reference; a characteristic that is not monotonic; a reading the sensor
 * in force gives no value for), -ENOMEM.
 */
SENSE_API struct sense_comparison *
sense_comparison_new(const struct sense_comparison_setup *setup,
		     const struct sense_comparison_point *points, unsigned int count);
SENSE_API void sense_comparison_free(struct sense_comparison *comparison);

/** Points in the order of the reference, rising. */
SENSE_API unsigned int sense_comparison_get_count(const struct sense_comparison *comparison);
/** Borrowed; NULL past the end. */
SENSE_API const struct sense_comparison_result *
sense_comparison_get_result(const struct sense_comparison *comparison, unsigned int index);

/** What was fitted; none: count 0. Units: ohm and powers of 1/degC; uV; the sensor's own. */
struct sense_comparison_fit {
	unsigned int count;
	struct sense_log_coefficient coefficients[SENSE_LOG_COEFFICIENTS_MAX];
	double covariance[SENSE_LOG_COEFFICIENTS_MAX * SENSE_LOG_COEFFICIENTS_MAX];
	double chi2;
	unsigned int degrees_of_freedom;
	double inflation;	/**< by which uncertainties were multiplied; 1 for none */
};
SENSE_API const struct sense_comparison_fit *
sense_comparison_get_fit(const struct sense_comparison *comparison);

/** What a sensor file says besides the characteristic; NULL or "" for what is not known. */
struct sense_comparison_file {
	const char *serial;
	const char *certificate;	/**< identifier of the record */
	const char *certificate_file;	/**< its path from the sensor file */
	int32_t calibrated;		/**< days since 1970-01-01 */
	const char *valid_until;	/**< "2027-02-28" */
};

/**
 * sense_comparison_get_file() - the new characteristic as a sensor file (Documentation/sensors.md).
 * @kind: of the file, "rtd", "table", "tc"; static
 * Uncertainties of the reading, by drift and the like are those of the sensor in force.
 * *@text owned, free(). 0, -ENODATA (nothing was fitted), -ENOMEM.
 */
SENSE_API int sense_comparison_get_file(const struct sense_comparison *comparison,
					const struct sense_comparison_file *file,
					const char **kind, char **text);

/**
 * sense_comparison_check_reference() - may the reference be used for these points on this day?
 * @serial: of the reference; NULL for the only item of its certificate
 * @unit: of the points, D-SI
 * 0; -ENOENT (the certificate is another item's), -EKEYEXPIRED, -EAGAIN or -EBADMSG (not in force),
 * -ERANGE (a point outside the range it was calibrated for), -ENODATA (no range is stated).
 */
SENSE_API int sense_comparison_check_reference(const struct sense_certificate *certificate,
					       const char *serial, int32_t day, const char *unit,
					       const struct sense_comparison_point *points,
					       unsigned int count);

SENSE_END_DECLS

#endif
