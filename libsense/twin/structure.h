/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * structure.h - from named parameters to a system: innovations form or a network of capacities and
 * conductances.
 */
#ifndef SENSE_TWIN_STRUCTURE_H
#define SENSE_TWIN_STRUCTURE_H

#include "twin/system.h"

#define TWIN_MAX_PARAMETERS 48
#define TWIN_MAX_NODES 12
#define TWIN_MAX_LINKS 32
#define TWIN_NAME 64

enum twin_kind { TWIN_INNOVATIONS, TWIN_GREYBOX };

/* What a search moves: the value, or its logarithm where it is positive by nature. */
struct twin_parameter {
	char name[TWIN_NAME];
	char unit[16];
	double value;
	double lower, upper;
	double prior_sd; /* of value, or of ln value; INFINITY: none */
	double prior; /* value the prior is centred on */
	unsigned char positive; /* searched as ln value */
	unsigned char fitted;
};

/* A network: nodes, links between nodes or from a node to a measured temperature, heats. */
struct twin_node {
	char name[TWIN_NAME];
	int capacity; /* parameter, J/K */
	int heat; /* parameter, W, constant; -1 */
	int noise; /* parameter, W sqrt(s): intensity of unknown heat; -1 */
	int start; /* parameter, degC: where it starts; -1 as the output */
};

struct twin_link {
	int node, other; /* other: node, or -1 - input */
	int conductance; /* parameter, W/K */
};

struct twin_structure {
	enum twin_kind kind;
	int order; /* modes of the innovations form; nodes of a network */
	int inputs, outputs;
	unsigned int curved; /* bit per input */
	char input[TWIN_MAX_INPUTS][TWIN_NAME], output[TWIN_MAX_OUTPUTS][TWIN_NAME];
	int parameters;
	struct twin_parameter parameter[TWIN_MAX_PARAMETERS];

	/* Network only. */
	int nodes, links;
	struct twin_node node[TWIN_MAX_NODES];
	struct twin_link link[TWIN_MAX_LINKS];
	int sensor_node[TWIN_MAX_OUTPUTS]; /* node that an output measures */
	int sensor_lag[TWIN_MAX_OUTPUTS]; /* parameter, s; -1 */
	int readout[TWIN_MAX_OUTPUTS]; /* parameter, standard deviation of its noise */
	int disturbance_node; /* unknown heat as random walk with ramp into this node; -1 */
	int walk, ramp; /* parameters, W/sqrt(s) and W/s/sqrt(s); -1 */
	int delay; /* parameter, s; -1 */
	int heater_input, heater_node, heater_gain; /* W per unit of an input into a node; -1 */
	int peltier_input, peltier_cold, peltier_hot; /* input and nodes; -1 */
	int seebeck, resistance, peltier_conductance; /* parameters */
};

/*
 * Innovations form with @order real modes; parameters have neutral values. Inputs whose bit is set
 * in @curved act by u + curvature u^2, as the current of a Peltier element does.
 */
int twin_structure_innovations(struct twin_structure *s, int order, int inputs, int outputs,
			       unsigned int curved);
/* @theta: one per parameter. */
int twin_structure_build(const struct twin_structure *s, const double *theta,
			 struct twin_system *system);

#endif
