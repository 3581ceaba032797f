/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SENSE_TWIN_MODEL_H
#define SENSE_TWIN_MODEL_H

#include <jansson.h>
#include <sense/model.h>

#include "twin/digest.h"
#include "twin/structure.h"

struct sense_model {
	struct twin_structure structure;
	json_t *network; /* as the grey-box file gave it; NULL */
	double theta[TWIN_MAX_PARAMETERS];
	/* Of the searched coordinates of the fitted parameters, in order; free x free. */
	int free;
	int which[TWIN_MAX_PARAMETERS];
	double covariance[TWIN_MAX_PARAMETERS * TWIN_MAX_PARAMETERS];
	double output_low[TWIN_MAX_OUTPUTS], output_high[TWIN_MAX_OUTPUTS];
	double input_low[TWIN_MAX_INPUTS], input_high[TWIN_MAX_INPUTS];
	double period_s;
	json_t *training, *identification, *validation; /* objects */
	char digest[TWIN_DIGEST];
	struct twin_system system;
};

/* Build the system, check that it can be run, and take the digest. 0 or -errno. */
int model_finish(struct sense_model *model, const char *name);
json_t *model_content(const struct sense_model *model);
/* A network from its JSON description; inputs and outputs by these names in this order. */
int model_network(struct twin_structure *structure, const json_t *network, const char *name);

#endif
