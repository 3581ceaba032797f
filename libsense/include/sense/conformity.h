/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * conformity.h - does a measured value conform to limits? JCGM 106:2012 and ILAC-G8:09/2019.
 */
#ifndef SENSE_CONFORMITY_H
#define SENSE_CONFORMITY_H

#include <stdbool.h>

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Which measured values are accepted. */
enum sense_decision_rule {
	SENSE_RULE_SIMPLE, /**< those within the limits (JCGM 106 8.2) */
	SENSE_RULE_GUARDED, /**< those within by a guard band w or more (8.3.2) */
	SENSE_RULE_GUARDED_REJECTION, /**< all but those outside by more than w (8.3.3) */
};

/** Statement in four steps with w on both sides of a limit (ILAC-G8 4.2.3). */
enum sense_statement {
	SENSE_STATEMENT_PASS, /**< within by w or more */
	SENSE_STATEMENT_CONDITIONAL_PASS, /**< within, by less than w */
	SENSE_STATEMENT_CONDITIONAL_FAIL, /**< outside, by w or less */
	SENSE_STATEMENT_FAIL, /**< outside by more than w */
};

/** "simple", "guarded", "guarded-rejection"; "pass", "conditional-pass" ... Static strings. */
SENSE_API const char *sense_decision_rule_get_name(enum sense_decision_rule rule);
SENSE_API const char *sense_statement_get_name(enum sense_statement statement);

/** All in the unit of the value. */
struct sense_conformity_question {
	double value; /**< measured value, or deviation from nominal */
	double u; /**< its standard uncertainty, >= 0 */
	double dof; /**< of u; INFINITY */
	double k; /**< coverage factor of U = k u, > 0 */
	double lower; /**< tolerance limit; -INFINITY: none */
	double upper; /**< INFINITY: none */
	enum sense_decision_rule rule;
	double guard_factor; /**< w over U, >= 0; ILAC-G8 4.2.2 takes 1 */
	double process_mean; /**< of the items before any measurement, NAN: not known */
	double process_deviation; /**< > 0; NAN */
};

struct sense_conformity {
	bool conforming; /**< accepted by the rule */
	enum sense_statement statement;
	double expanded; /**< U */
	double guard; /**< w */
	double acceptance_lower; /**< values from here */
	double acceptance_upper; /**< to here are accepted */
	/**
	 * Probability that the true value is within the limits (JCGM 106 clause 7), normal or t;
	 * with what is known of the process, from both (A.4.4).
	 */
	double probability;
	/** Risk of this decision: of accepting wrongly when accepted, else of rejecting so. */
	double specific_risk;
	/** Over all items of the process (9.5.2, normal); NAN when it is not known. */
	double global_consumer_risk; /**< out of limits, and accepted */
	double global_producer_risk; /**< within limits, and rejected */
};

/**
 * sense_conformity_decide() - 0; -EINVAL with a sentence for a question that makes no sense: no
 * limit, limits exchanged, negative u, a guard band that leaves nothing to accept. Pure.
 */
SENSE_API int sense_conformity_decide(const struct sense_conformity_question *question,
				      struct sense_conformity *answer);

SENSE_END_DECLS

#endif
