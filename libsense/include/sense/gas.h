/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * gas.h - amount fraction <-> mass concentration of trace gases.
 *
 * A mass concentration means nothing without its reference conditions: Directive 2008/50/EC,
 * annex VI C, reports gases at 293.15 K and 101.325 kPa. c = x M p / (R T), ideal gas; the molar
 * volume of air differs from it by less than 0.06 % there.
 */
#ifndef SENSE_GAS_H
#define SENSE_GAS_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Reference conditions of the European Union. */
#define SENSE_GAS_EU_DEGC 20.0
#define SENSE_GAS_EU_PA 101325.0

/**
 * sense_gas_molar_mass_kg_mol() - "NO2", "O3", "SO2", ...; from IUPAC's abridged standard atomic
 * weights 2021. NaN, with the list in the error, for a gas it does not know.
 */
SENSE_API double sense_gas_molar_mass_kg_mol(const char *formula);

/** kg/m3 of an amount fraction at reference conditions; NaN when they are not positive. Pure. */
SENSE_API double sense_gas_concentration_kg_m3(double molar_mass_kg_mol, double amount_fraction,
					       double reference_degC, double reference_Pa);
/** The inverse. Pure. */
SENSE_API double sense_gas_amount_fraction(double molar_mass_kg_mol, double concentration_kg_m3,
					   double reference_degC, double reference_Pa);

SENSE_END_DECLS

#endif
