/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * sense.h - all of libsense. Each header stands alone too; they are listed in
 * the order of the flow.
 */
#ifndef SENSE_SENSE_H
#define SENSE_SENSE_H

#include <sense/api.h>
#include <sense/version.h>
#include <sense/error.h>
#include <sense/clock.h>
#include <sense/event.h>
#include <sense/channel.h>
#include <sense/frame.h>
#include <sense/device.h>
#include <sense/stream.h>
#include <sense/rtd.h>
#include <sense/sprt.h>
#include <sense/thermocouple.h>
#include <sense/unit.h>
#include <sense/certificate.h>
#include <sense/verification.h>
#include <sense/thermistor.h>
#include <sense/current-loop.h>
#include <sense/bridge.h>
#include <sense/humidity.h>
#include <sense/air.h>
#include <sense/gas.h>
#include <sense/fit.h>
#include <sense/sensor.h>
#include <sense/calibrator.h>
#include <sense/budget.h>
#include <sense/conformity.h>
#include <sense/comparison.h>
#include <sense/day.h>
#include <sense/calibration-log.h>
#include <sense/control-chart.h>
#include <sense/drift.h>
#include <sense/health.h>
#include <sense/series.h>
#include <sense/model.h>
#include <sense/observer.h>
#include <sense/identify.h>
#include <sense/simulate.h>
#include <sense/chamber.h>
#include <sense/controller.h>
#include <sense/pid.h>
#include <sense/safety.h>
#include <sense/deviation.h>
#include <sense/record.h>
#include <sense/config.h>
#include <sense/pipeline.h>

#endif
