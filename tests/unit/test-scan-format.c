// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "acquire/iio-unit.h"
#include "acquire/scan-format.h"

static void parses_what_the_kernel_writes(void)
{
	static const struct {
		const char *text;
		struct sense_scan_type type;
	} good[] = {
		{ "le:s32/32>>0", { false, true, 32, 32, 0, 1 } },
		{ "be:u12/16>>4", { true, false, 12, 16, 4, 1 } },
		{ "le:s64/64>>0\n", { false, true, 64, 64, 0, 1 } },
		{ "le:s16/32X4>>0", { false, true, 16, 32, 0, 4 } },
		{ "le:u8/8", { false, false, 8, 8, 0, 1 } },
		{ "be:S24/32>>8", { true, true, 24, 32, 8, 1 } },
	};
	static const char *const bad[] = { "", "le", "le:", "le:s", "le:s12", "le:s12/", "le:s12/16>",
					   "le:s12/16>>", "le:x12/16>>0", "xe:s12/16>>0",
					   "le:s0/16>>0", "le:s17/16>>0", "le:s12/16>>5",
					   "le:s12/24>>0", "le:s12/16X0>>0", "le:s12/16X999>>0",
					   "le:s12/16>>0 ", "le:s-1/16>>0", "le:s9999999999/16",
					   "le:s12/16>>00004" };
	struct sense_scan_type type;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(&type, 0xaa, sizeof(type));
		CU_ASSERT_EQUAL(sense_scan_type_parse(good[i].text, &type), 0);
		CU_ASSERT_EQUAL(type.big_endian, good[i].type.big_endian);
		CU_ASSERT_EQUAL(type.is_signed, good[i].type.is_signed);
		CU_ASSERT_EQUAL(type.bits, good[i].type.bits);
		CU_ASSERT_EQUAL(type.storage, good[i].type.storage);
		CU_ASSERT_EQUAL(type.shift, good[i].type.shift);
		CU_ASSERT_EQUAL(type.repeat, good[i].type.repeat);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sense_scan_type_parse(bad[i], &type) != -EINVAL) {
			printf("accepted '%s'\n", bad[i]);
			CU_FAIL("nonsense was accepted");
		}
}

static void knows_what_a_frame_can_hold(void)
{
	static const struct {
		const char *text;
		bool fits;
	} cases[] = { { "le:s32/32>>0", true },	    { "le:u31/32>>0", true },
		      { "le:u32/32>>0", false },    { "le:s33/64>>0", false },
		      { "be:s32/64>>16", true },    { "le:s16/16X3>>0", false } };
	struct sense_scan_type type;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CU_ASSERT_EQUAL(sense_scan_type_parse(cases[i].text, &type), 0);
		CU_ASSERT_EQUAL(sense_scan_type_fits_s32(&type), cases[i].fits);
	}
}

static void aligns_as_the_kernel_does(void)
{
	static const char *const types[] = { "le:u8/8", "be:u12/16>>4", "le:s32/32", "le:s16/16",
					     "le:s64/64" };
	static const size_t offsets[] = { 0, 2, 4, 8, 16 };
	size_t size = 0, align = 1;

	for (int i = 0; i < 5; i++) {
		struct sense_scan_type type;

		sense_scan_type_parse(types[i], &type);
		CU_ASSERT_EQUAL(sense_scan_append(&type, &size, &align), offsets[i]);
	}
	CU_ASSERT_EQUAL(sense_scan_size(size, align), 24);
	/* A lone 16-bit channel after a 32-bit one pads the scan to 8 bytes. */
	CU_ASSERT_EQUAL(sense_scan_size(6, 4), 8);
}

/* By arithmetic on single bits, so that it shares nothing with what it tests. */
static int64_t slow(const struct sense_scan_type *type, const unsigned char *from)
{
	unsigned int bytes = type->storage / 8u;
	int64_t value = 0;

	for (unsigned int bit = 0; bit < type->bits; bit++) {
		unsigned int at = bit + type->shift, byte = at / 8;
		unsigned int b = from[type->big_endian ? bytes - 1 - byte : byte] >> (at % 8) & 1;

		if (b)
			value += type->is_signed && bit == type->bits - 1u ?
				 -((int64_t)1 << (type->bits - 1)) : (int64_t)1 << bit;
	}
	return value;
}

static void decodes_every_format(void)
{
	unsigned char bytes[40 * 11];
	int32_t values[40];

	srandom(unit_seed());
	for (int round = 0; round < 20000; round++) {
		static const uint8_t storages[] = { 8, 16, 32, 64 };
		struct sense_scan_type type = { .repeat = 1 };
		size_t stride;

		type.storage = storages[random() % 4];
		type.is_signed = random() % 2;
		type.big_endian = random() % 2;
		type.bits = (uint8_t)(1 + random() % (type.storage < 32 ? type.storage :
						      type.is_signed ? 32 : 31));
		type.shift = (uint8_t)(random() % (type.storage - type.bits + 1));
		stride = type.storage / 8u + (unsigned int)random() % 3;
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (unsigned char)random();
		sense_scan_decode_s32(&type, bytes, stride, values, 40);
		for (size_t i = 0; i < 40; i++)
			if (values[i] != slow(&type, bytes + i * stride)) {
				printf("%s:%c%u/%u>>%u\n", type.big_endian ? "be" : "le",
				       type.is_signed ? 's' : 'u', type.bits, type.storage, type.shift);
				CU_FAIL("decoded wrongly");
				return;
			}
		CU_ASSERT_EQUAL((int64_t)sense_scan_decode_u64(&type, bytes), slow(&type, bytes));
	}
}

static void resolves_units(void)
{
	static const struct {
		const char *id;
		enum sense_kind kind;
		double factor;
	} cases[] = { { "voltage0", SENSE_KIND_VOLTAGE, 1e-3 },
		      { "voltage0-voltage1", SENSE_KIND_VOLTAGE, 1e-3 },
		      { "temp", SENSE_KIND_TEMPERATURE, 1e-3 },
		      { "temp_ambient", SENSE_KIND_AMBIENT_TEMPERATURE, 1e-3 },
		      { "concentration_co2", SENSE_KIND_CO2, 1e-2 },
		      { "concentration3_voc", SENSE_KIND_VOC, 1e-2 },
		      { "concentration", SENSE_KIND_OTHER, 1 },
		      { "massconcentration_pm2p5", SENSE_KIND_PM2P5, 1e-9 },
		      { "pressure", SENSE_KIND_PRESSURE, 1e3 },
		      { "humidityrelative", SENSE_KIND_HUMIDITY, 1e-5 },
		      { "resistance7", SENSE_KIND_RESISTANCE, 1 },
		      { "accel_x", SENSE_KIND_OTHER, 1 },
		      { "volt", SENSE_KIND_OTHER, 1 },
		      { "voltages0", SENSE_KIND_OTHER, 1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sense_iio_unit unit = sense_iio_unit_of(cases[i].id);

		CU_ASSERT_EQUAL(unit.kind, cases[i].kind);
		CU_ASSERT_EQUAL(unit.factor, cases[i].factor);
	}
}

UNIT_TESTS = { UNIT(parses_what_the_kernel_writes), UNIT(knows_what_a_frame_can_hold),
	       UNIT(aligns_as_the_kernel_does), UNIT(decodes_every_format), UNIT(resolves_units),
	       UNIT_END };
UNIT_MAIN("scan-format")
