/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * pid.h - a PID controller for the same chamber: the fallback, and the peer that the deviation
 * controller is compared with. Derivative of the measurement alone, filtered; the integral stops
 * while the output is limited (conditional integration); feed-forward from ambient by the model's
 * walls and sink; output in W, made a current by the inverse of the Peltier module's equation.
 *
 * As controller.h: no allocation in a step, only + - * / and sqrt; one thread.
 */
#ifndef SENSE_PID_H
#define SENSE_PID_H

#include <sense/api.h>
#include <sense/chamber.h>

SENSE_BEGIN_DECLS

struct sense_pid;

struct sense_pid_tuning {
	double gain;		/**< W/K */
	double integral;	/**< s, integral time */
	double derivative;	/**< s, derivative time; 0: PI */
	double filter;		/**< s, time constant of the derivative's filter */
};

/**
 * sense_pid_tuning_simc() - SIMC for an integrating process with delay and a second lag, tau_c =
 * the delay (Skogestad, J. Process Control 13 (2003) 291), from air heat capacity, delay and
 * sensor lag; half a period counts as delay.
 */
SENSE_API void sense_pid_tuning_simc(struct sense_pid_tuning *tuning,
				     const struct sense_chamber *chamber, double period);

/** Owned; sense_pid_free(). NULL with an error. */
SENSE_API struct sense_pid *sense_pid_new(const struct sense_chamber *chamber,
					  const struct sense_pid_tuning *tuning, double period);
SENSE_API void sense_pid_free(struct sense_pid *pid);

/** sense_pid_start() - without a bump: the first output is @current. */
SENSE_API int sense_pid_start(struct sense_pid *pid, double measured, double ambient,
			      double current);
SENSE_API int sense_pid_set_point(struct sense_pid *pid, double target);
/** sense_pid_step() - the current for the next period, A. NaN: no measurement, output held. */
SENSE_API double sense_pid_step(struct sense_pid *pid, double measured, double ambient);

SENSE_END_DECLS

#endif
