/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * iio-unit.h - what an IIO channel type measures and what turns IIO's unit
 * (Documentation/ABI/testing/sysfs-bus-iio of the kernel) into SI or degC.
 */
#ifndef SENSE_ACQUIRE_IIO_UNIT_H
#define SENSE_ACQUIRE_IIO_UNIT_H

#include <sense/channel.h>

struct sense_iio_unit {
	enum sense_kind kind;
	double factor;		/* SI or degC per IIO's unit */
};

/*
 * By the channel's id: type, index and modifier, e.g. "voltage0",
 * "concentration_co2", "temp1". A type without a kind: OTHER, factor 1.
 */
struct sense_iio_unit sense_iio_unit_of(const char *iio_id);

#endif
