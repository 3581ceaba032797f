/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * model.h - a state-space model as one content-addressed file (JSON).
 *
 * The file holds structure, parameters with covariance, digests of the training data, settings of
 * the identification, validation figures and limits of validity. Its digest is SHA-256 over the
 * canonical content (keys sorted, no white space, reals with 17 digits, the digest itself left
 * out). Documentation/twin.md describes the keys. A model never changes once it is made.
 */
#ifndef SENSE_MODEL_H
#define SENSE_MODEL_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** In the file's "format". */
#define SENSE_MODEL_FORMAT "sense-model/1"

struct sense_model;

/**
 * sense_model_load() - read and check a model file. Owned; sense_model_free().
 *
 * NULL with one sentence: -EBADMSG for what is no model, or was changed since its digest was
 * taken; -EPROTO for another version of the format; -EDOM for a model that cannot be run: unstable,
 * its covariance not positive definite, a parameter outside its range.
 */
SENSE_API struct sense_model *sense_model_load(const char *path);
/** sense_model_parse() - the same from text; @name is used in sentences. */
SENSE_API struct sense_model *sense_model_parse(const char *text, const char *name);
SENSE_API void sense_model_free(struct sense_model *model);
/** sense_model_save() - write the file whole or not at all. 0 or -errno. */
SENSE_API int sense_model_save(const struct sense_model *model, const char *path);
/** sense_model_to_json() - the file's text; the caller frees it. NULL: no memory. */
SENSE_API char *sense_model_to_json(const struct sense_model *model);

/** "sha256:..."; borrowed. */
SENSE_API const char *sense_model_get_digest(const struct sense_model *model);
/** "innovations" or "greybox". */
SENSE_API const char *sense_model_get_structure(const struct sense_model *model);
/** Modes of an innovations form, nodes of a network. */
SENSE_API unsigned int sense_model_get_order(const struct sense_model *model);
/** All states, with disturbances. */
SENSE_API unsigned int sense_model_get_state_count(const struct sense_model *model);
SENSE_API unsigned int sense_model_get_output_count(const struct sense_model *model);
SENSE_API unsigned int sense_model_get_input_count(const struct sense_model *model);
SENSE_API const char *sense_model_get_output_name(const struct sense_model *model,
						  unsigned int output);
SENSE_API const char *sense_model_get_input_name(const struct sense_model *model,
						 unsigned int input);
/** Standard deviation of an output's readout noise, in its unit. */
SENSE_API double sense_model_get_readout_noise(const struct sense_model *model,
					       unsigned int output);
/** Median interval of the training data, s. */
SENSE_API double sense_model_get_period_s(const struct sense_model *model);
/** Input delay, s. */
SENSE_API double sense_model_get_delay_s(const struct sense_model *model);

struct sense_model_parameter {
	const char *name; /**< borrowed */
	const char *unit;
	double value;
	double u; /**< standard uncertainty; 0 when it was not fitted */
	int fitted;
};
SENSE_API unsigned int sense_model_get_parameter_count(const struct sense_model *model);
/** 0, or -ENOENT. */
SENSE_API int sense_model_get_parameter(const struct sense_model *model, unsigned int index,
					struct sense_model_parameter *parameter);
SENSE_API int sense_model_find_parameter(const struct sense_model *model, const char *name,
					 struct sense_model_parameter *parameter);

/** Range in the training data. */
SENSE_API void sense_model_get_output_limits(const struct sense_model *model, unsigned int output,
					     double *low, double *high);
SENSE_API void sense_model_get_input_limits(const struct sense_model *model, unsigned int input,
					    double *low, double *high);
/** 1 when every value lies within the limits; NULL: not asked. Per step: no allocation. */
SENSE_API int sense_model_is_within_limits(const struct sense_model *model, const double *outputs,
					   const double *inputs);

SENSE_END_DECLS

#endif
