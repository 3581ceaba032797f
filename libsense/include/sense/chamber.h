/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * chamber.h - the physical parameters of a thermoelectric chamber: air inside a wall, cooled or
 * heated by a Peltier module whose other side is a heat sink in the ambient air. What controller
 * and autotune know of a plant. Plain data; functions are thread-safe.
 *
 * Heat balances (degC, current I in A, negative cools):
 *
 *   C_air  dTa/dt = G_aw (Tw - Ta) + G_air_amb (Tamb - Ta) + P0 + Qc
 *   C_wall dTw/dt = G_aw (Ta - Tw) + G_wall_amb (Tamb - Tw)
 *   C_sink dTs/dt = G_sink (Tamb - Ts) + Qh
 *   Qc =  alpha I (Ta + 273.15) + R I^2 / 2 + K (Ts - Ta)
 *   Qh = -alpha I (Ts + 273.15) + R I^2 / 2 + K (Ta - Ts)
 *
 * (Goldsmid, Introduction to Thermoelectricity, ch. 1.) The current acts after a slew limit and a
 * pure delay; the sensor follows the air with a first-order lag.
 */
#ifndef SENSE_CHAMBER_H
#define SENSE_CHAMBER_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Parameters, in the order of enum sense_chamber_parameter. */
struct sense_chamber {
	double c_air, c_wall, c_sink;	/**< J/K */
	double g_air_wall, g_wall_ambient, g_air_ambient, g_sink;	/**< W/K */
	double p0;			/**< W, heat set free inside */
	double alpha;			/**< V/K, Seebeck coefficient of the module */
	double resistance;		/**< ohm, of the module */
	double k;			/**< W/K, of the module */
	double delay;			/**< s, from current to heat */
	double lag;			/**< s, of the sensor */
	double current_min, current_max;	/**< A */
	double slew;			/**< A/s */
	double sensor_noise;		/**< K, standard deviation of one sample */
	double ambient_noise;		/**< K */
};

/** How many of the fields above are physical parameters that an autotune estimates: the first. */
#define SENSE_CHAMBER_PARAMETERS 13

/**
 * sense_chamber_load() - read a JSON file with "parameters": { "C_air": { "value": 3000 }, ... }
 * (or the numbers themselves), as names C_air C_wall C_sink G_aw G_wall_amb G_air_amb G_sink P0
 * alpha R K delay lag u_min u_max slew noise_sensor noise_ambient, in SI units.
 * 0, -errno; the error names file and key.
 */
SENSE_API int sense_chamber_load(struct sense_chamber *chamber, const char *path);

/** sense_chamber_check() - 0, or -EINVAL with an error that names the parameter and its bound. */
SENSE_API int sense_chamber_check(const struct sense_chamber *chamber, const char *object);

/** Name of a physical parameter ("C_air", ...), static; NULL beyond the last. */
SENSE_API const char *sense_chamber_parameter_name(unsigned int index);

/**
 * sense_chamber_steady() - the current, A, that holds @air at @ambient (degC).
 * 0; -ERANGE with an error when no current within the limits does.
 */
SENSE_API int sense_chamber_steady(const struct sense_chamber *chamber, double air, double ambient,
				   double *current);

SENSE_END_DECLS

#endif
