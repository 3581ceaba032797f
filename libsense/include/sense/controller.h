/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * controller.h - hold a thermoelectric chamber at its set point: an observer on the physical model
 * with an unknown heat as disturbance state, a prediction over the actuator's delay, feed-forward
 * from ambient and set point rate, and the inverse of the Peltier module's equation.
 *
 * Set-up allocates and computes gains; a step does neither, takes no lock, and uses only
 * + - * / and sqrt, so that it repeats bit by bit. A controller belongs to one thread.
 * Temperatures in degC, currents in A (negative cools), times in s.
 */
#ifndef SENSE_CONTROLLER_H
#define SENSE_CONTROLLER_H

#include <sense/api.h>
#include <sense/chamber.h>

SENSE_BEGIN_DECLS

struct sense_controller;

/**
 * How hard the controller works. Three speeds of the disturbance estimate: slow at rest, medium
 * while the ambient moves, fast after an innovation that noise does not explain. Fast is guarded:
 * a plant that answers it with an oscillation loses it for a while.
 */
struct sense_controller_tuning {
	double tau;		/**< s, of the air's approach to the set point */
	double tau_fast;	/**< factor on tau while fast */
	double heat_slow;	/**< W^2/s, variance that the unknown heat gains per second: slow, */
	double heat_medium;	/**< while the ambient moves, */
	double heat_fast;	/**< and after an innovation that noise does not explain */
	double air_slow;	/**< K^2/s, the same of the air itself, slow and medium */
	double air_fast;	/**< and fast */
	double memory_fast;	/**< s, in which fast forgets the heat that an event brought */
	double threshold;	/**< of the smoothed innovation, in its standard deviations, for fast */
	double ambient_threshold;	/**< K, movement of the ambient for medium */
	double hold_fast;	/**< s after the last such innovation */
	double fade_fast;	/**< s, over which fast fades into what is below it */
	double hold_medium;
	double fade_medium;
	double ambient_time;	/**< s, time constant of the ambient reading's filter */
	double error_limit;	/**< K, greatest difference that the law answers in proportion */
};

/** For a model of nominal values, the plant within 30 % of each. */
SENSE_API void sense_controller_tuning_robust(struct sense_controller_tuning *tuning);
/** For a model identified on the plant itself. */
SENSE_API void sense_controller_tuning_identified(struct sense_controller_tuning *tuning);

enum sense_controller_mode {
	SENSE_CONTROLLER_MANUAL = 0,	/**< the output is what the operator set */
	SENSE_CONTROLLER_AUTO,
};

/** What one step found. */
struct sense_controller_output {
	double current;		/**< A, to be applied until the next step */
	double air;		/**< degC, estimated temperature of the air now */
	double predicted;	/**< degC, when a current sent now begins to act */
	double set_point;	/**< degC, now, on its ramp */
	double innovation;	/**< K; 0 without a measurement */
	double innovation_ratio;	/**< its mean square over a minute by what the noise explains */
	double heat;		/**< W, unknown heat into the air */
	double speed;		/**< 0 slow, 1 medium, 2 fast, and between while one fades */
	int saturated;		/**< 1: the current that the law wants lies outside the range */
	int guarded;		/**< 1: fast is withheld because the plant oscillated under it */
};

/**
 * sense_controller_new() - @period in s. Manual at 0 A until told otherwise.
 * Owned; sense_controller_free(). NULL with an error: a parameter outside its range.
 */
SENSE_API struct sense_controller *
sense_controller_new(const struct sense_chamber *chamber,
		     const struct sense_controller_tuning *tuning, double period);
SENSE_API void sense_controller_free(struct sense_controller *controller);

/** sense_controller_start() - the plant rests at @measured, under a @current that has flowed long. */
SENSE_API int sense_controller_start(struct sense_controller *controller, double measured,
				     double ambient, double current);

/**
 * sense_controller_step() - once per period, with the newest measurement. NaN in @measured or
 * @ambient means none: the model runs on alone. Safety (safety.h) decides for how long.
 */
SENSE_API void sense_controller_step(struct sense_controller *controller, double measured,
				     double ambient, struct sense_controller_output *output);

/**
 * sense_controller_applied() - after a step: the current really sent was another (safety, autotune,
 * a person). The observer then goes by it.
 */
SENSE_API void sense_controller_applied(struct sense_controller *controller, double current);

/**
 * sense_controller_set_point() - go to @target at @rate K/s; 0: at once. The output does not jump
 * by it but for the law's bounded answer. -EINVAL when not finite.
 */
SENSE_API int sense_controller_set_point(struct sense_controller *controller, double target,
					 double rate);
SENSE_API double sense_controller_get_set_point(const struct sense_controller *controller);

/** Without a bump: to AUTO the output starts at the present current, to MANUAL it stays there. */
SENSE_API int sense_controller_set_mode(struct sense_controller *controller,
					enum sense_controller_mode mode);
SENSE_API enum sense_controller_mode
sense_controller_get_mode(const struct sense_controller *controller);
/** The output while MANUAL, A; clamped by the actuator's range. -EINVAL when not finite. */
SENSE_API int sense_controller_set_manual(struct sense_controller *controller, double current);

/**
 * sense_controller_adopt() - take over where @from is: its set point, mode and state, under this
 * controller's model and tuning; without a bump. For a model identified while the old one ran.
 */
SENSE_API int sense_controller_adopt(struct sense_controller *controller,
				     const struct sense_controller *from);

SENSE_END_DECLS

#endif
