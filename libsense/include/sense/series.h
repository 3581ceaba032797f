/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * series.h - rows of measured outputs and inputs at rising times, to identify a model from and to
 * judge it by.
 */
#ifndef SENSE_SERIES_H
#define SENSE_SERIES_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Most columns of each sort. */
#define SENSE_SERIES_MAX_OUTPUTS 4
#define SENSE_SERIES_MAX_INPUTS 8

struct sense_series;

/** What to read from a text file with one header line. */
struct sense_series_source {
	const char *path;
	char delimiter; /**< 0: ',' */
	const char *time; /**< column */
	/** strptime() format, read as UTC; NULL: seconds, with or without a fraction */
	const char *time_format;
	unsigned int outputs, inputs;
	const char *output[SENSE_SERIES_MAX_OUTPUTS];
	const char *input[SENSE_SERIES_MAX_INPUTS];
	int skip_invalid; /**< leave out rows with a value that is no finite number below 1e30 */
};

/**
 * sense_series_load() - read a text file. Owned; sense_series_free().
 *
 * NULL with one sentence that names line and column: -ENOENT and the like for the file; -ENODATA
 * for a column that is not there; -EBADMSG for a row with too few columns, a value that is no
 * number, NaN, infinite or 1e30 and more (recorders' mark for no reading), a time that repeats or
 * falls.
 */
SENSE_API struct sense_series *sense_series_load(const struct sense_series_source *source);
/**
 * sense_series_new() - from memory, copied. @output_values: count x outputs, row by row;
 * @input_values: count x inputs. The same refusals, by row and column.
 */
SENSE_API struct sense_series *sense_series_new(unsigned int count, const int64_t *time_ns,
						unsigned int outputs, const char *const *output,
						const double *output_values, unsigned int inputs,
						const char *const *input,
						const double *input_values);
SENSE_API void sense_series_free(struct sense_series *series);

SENSE_API unsigned int sense_series_get_count(const struct sense_series *series);
/** Rows left out as invalid. */
SENSE_API unsigned int sense_series_get_skipped(const struct sense_series *series);
SENSE_API unsigned int sense_series_get_output_count(const struct sense_series *series);
SENSE_API unsigned int sense_series_get_input_count(const struct sense_series *series);
SENSE_API const char *sense_series_get_output_name(const struct sense_series *series,
						   unsigned int output);
SENSE_API const char *sense_series_get_input_name(const struct sense_series *series,
						  unsigned int input);
/** Borrowed; ns since 1970 as the file's clock has it, count of them. */
SENSE_API const int64_t *sense_series_get_time_ns(const struct sense_series *series);
/** Borrowed; row by row. */
SENSE_API const double *sense_series_get_outputs(const struct sense_series *series);
SENSE_API const double *sense_series_get_inputs(const struct sense_series *series);
/** Median of the intervals, s. */
SENSE_API double sense_series_get_period_s(const struct sense_series *series);
/** Intervals of more than ten periods; *@longest_s and *@row (its end, from 1) may be NULL. */
SENSE_API unsigned int sense_series_get_gaps(const struct sense_series *series, double *longest_s,
					     unsigned int *row);
/** "sha256:..." over names, times and values of rows [@from, @to); static per thread. */
SENSE_API const char *sense_series_get_digest(const struct sense_series *series, unsigned int from,
					      unsigned int to);

SENSE_END_DECLS

#endif
