/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * channel.h - what one channel of a device measures, and in which unit.
 *
 * Channel info is immutable and borrowed from the object it was asked of
 * (device info, frame layout, record).
 */
#ifndef SENSE_CHANNEL_H
#define SENSE_CHANNEL_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** What is measured. New kinds are appended; treat unknown ones as OTHER. */
enum sense_kind {
	SENSE_KIND_OTHER = 0,		/**< an IIO channel of a type without a kind here */
	SENSE_KIND_RTD,			/**< platinum resistance thermometer, ohm */
	SENSE_KIND_THERMISTOR,		/**< ohm */
	SENSE_KIND_RESISTANCE,		/**< resistance of something unknown, ohm */
	SENSE_KIND_THERMOCOUPLE,	/**< V */
	SENSE_KIND_COLD_JUNCTION,	/**< degC */
	SENSE_KIND_TEMPERATURE,		/**< degC */
	SENSE_KIND_HUMIDITY,		/**< relative humidity, 1 (0.45 is 45 %) */
	SENSE_KIND_PRESSURE,		/**< Pa */
	SENSE_KIND_CO2,			/**< amount fraction, 1 (400e-6 is 400 ppm) */
	SENSE_KIND_VOC,			/**< amount fraction, 1 */
	SENSE_KIND_PM1,			/**< mass concentration, kg/m3 */
	SENSE_KIND_PM2P5,		/**< kg/m3 */
	SENSE_KIND_PM4,			/**< kg/m3 */
	SENSE_KIND_PM10,		/**< kg/m3 */
	SENSE_KIND_CURRENT_LOOP,	/**< 4-20 mA transmitter, A */
	SENSE_KIND_BRIDGE,		/**< strain-gauge bridge, V/V */
	SENSE_KIND_VOLTAGE,		/**< V */
	SENSE_KIND_CURRENT,		/**< A */
	SENSE_KIND_HEATER_VOLTAGE,	/**< V */
	SENSE_KIND_HEATER_CURRENT,	/**< A */
	SENSE_KIND_AMBIENT_TEMPERATURE,	/**< degC */
	SENSE_KIND_BOARD_TEMPERATURE,	/**< degC */
	SENSE_KIND_COUNT		/**< number of kinds known to this header */
};

/** sense_kind_name() - "rtd", "co2", ...; "other" for what it does not know. Static string. */
SENSE_API const char *sense_kind_name(enum sense_kind kind);

/** sense_kind_from_name() - the inverse; SENSE_KIND_OTHER when there is none. */
SENSE_API enum sense_kind sense_kind_from_name(const char *name);

/**
 * sense_kind_unit() - the unit of raw values of this kind once scaled: SI or degC,
 * in SenML/UCUM spelling ("Ohm", "V", "A", "Cel", "Pa", "1", "kg/m3"). Static string.
 */
SENSE_API const char *sense_kind_unit(enum sense_kind kind);

/** Direction of a channel. */
enum sense_direction { SENSE_INPUT = 0, SENSE_OUTPUT = 1 };

struct sense_channel_info;

/** sense_channel_info_get_name() - unique on its device: the label, or the IIO id where it has none. */
SENSE_API const char *sense_channel_info_get_name(const struct sense_channel_info *info);

/** sense_channel_info_get_iio_id() - name in sysfs without prefix and suffix, e.g. "resistance0". */
SENSE_API const char *sense_channel_info_get_iio_id(const struct sense_channel_info *info);

SENSE_API enum sense_kind sense_channel_info_get_kind(const struct sense_channel_info *info);

/** sense_channel_info_get_unit() - unit of the scaled value; see sense_kind_unit(). */
SENSE_API const char *sense_channel_info_get_unit(const struct sense_channel_info *info);

SENSE_API enum sense_direction sense_channel_info_get_direction(const struct sense_channel_info *info);

/** sense_channel_info_get_bits() - significant bits of a raw value. */
SENSE_API unsigned int sense_channel_info_get_bits(const struct sense_channel_info *info);

/** sense_channel_info_is_streamable() - whether the channel can be part of a frame (raw fits s32). */
SENSE_API int sense_channel_info_is_streamable(const struct sense_channel_info *info);

/**
 * sense_channel_info_get_scale() / _get_offset() - value = (raw + offset) * scale,
 * in the unit named (IIO's milli and kilo are already resolved).
 */
SENSE_API double sense_channel_info_get_scale(const struct sense_channel_info *info);
SENSE_API double sense_channel_info_get_offset(const struct sense_channel_info *info);

/** sense_channel_info_get_range() - raw counts the channel can measure; 0 or -ENODATA if unknown. */
SENSE_API int sense_channel_info_get_range(const struct sense_channel_info *info,
					   int64_t *min, int64_t *max);

/** sense_channel_info_get_group() - channels of one group are sampled at one instant. */
SENSE_API unsigned int sense_channel_info_get_group(const struct sense_channel_info *info);

SENSE_END_DECLS

#endif
