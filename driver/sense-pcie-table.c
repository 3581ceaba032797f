// SPDX-License-Identifier: GPL-2.0-only
/*
 * Identity block and tables. Each is copied out of the window once and only
 * the copy is looked at: what was checked is what is used, whatever the card
 * does to its registers meanwhile.
 */
#include <linux/crc32.h>
#include <linux/ctype.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "sense-pcie.h"

#define SENSE_TIMEOUT_MAX_MS	60000
#define SENSE_STRIDE_MAX	1024	/* of a table of a later minor version */
#define SENSE_DIGITS		24	/* significant digits of a scale; a double has 17 */

static const struct sense_kind sense_kinds[] = {
	[SENSE_CARD_KIND_RTD] = {
		"rtd", SENSE_CARD_UNIT_OHM, IIO_RESISTANCE, IIO_NO_MOD, 1, 1 },
	[SENSE_CARD_KIND_THERMISTOR] = {
		"thermistor", SENSE_CARD_UNIT_OHM, IIO_RESISTANCE, IIO_NO_MOD, 1, 1 },
	[SENSE_CARD_KIND_THERMOCOUPLE] = {
		"thermocouple", SENSE_CARD_UNIT_VOLT, IIO_VOLTAGE, IIO_NO_MOD, 1000, 1 },
	[SENSE_CARD_KIND_COLD_JUNCTION] = {
		"cold-junction", SENSE_CARD_UNIT_DEGREE_CELSIUS, IIO_TEMP, IIO_NO_MOD, 1000, 1 },
	[SENSE_CARD_KIND_HUMIDITY] = {
		"humidity", SENSE_CARD_UNIT_ONE, IIO_HUMIDITYRELATIVE, IIO_NO_MOD, 100000, 1 },
	[SENSE_CARD_KIND_PRESSURE] = {
		"pressure", SENSE_CARD_UNIT_PASCAL, IIO_PRESSURE, IIO_NO_MOD, 1, 1000 },
	[SENSE_CARD_KIND_CO2] = {
		"co2", SENSE_CARD_UNIT_ONE, IIO_CONCENTRATION, IIO_MOD_CO2, 100, 1 },
	[SENSE_CARD_KIND_VOC] = {
		"voc", SENSE_CARD_UNIT_ONE, IIO_CONCENTRATION, IIO_MOD_VOC, 100, 1 },
	[SENSE_CARD_KIND_CURRENT_LOOP] = {
		"current-loop", SENSE_CARD_UNIT_AMPERE, IIO_CURRENT, IIO_NO_MOD, 1000, 1 },
	[SENSE_CARD_KIND_BRIDGE] = {
		"bridge", SENSE_CARD_UNIT_VOLT_PER_VOLT, IIO_VOLTAGE, IIO_NO_MOD, 1000, 1 },
	[SENSE_CARD_KIND_HEATER_VOLTAGE] = {
		"heater-voltage", SENSE_CARD_UNIT_VOLT, IIO_VOLTAGE, IIO_NO_MOD, 1000, 1 },
	[SENSE_CARD_KIND_HEATER_CURRENT] = {
		"heater-current", SENSE_CARD_UNIT_AMPERE, IIO_CURRENT, IIO_NO_MOD, 1000, 1 },
	[SENSE_CARD_KIND_AMBIENT_TEMP] = {
		"ambient-temperature", SENSE_CARD_UNIT_DEGREE_CELSIUS, IIO_TEMP, IIO_NO_MOD,
		1000, 1 },
	[SENSE_CARD_KIND_BOARD_TEMP] = {
		"board-temperature", SENSE_CARD_UNIT_DEGREE_CELSIUS, IIO_TEMP, IIO_NO_MOD,
		1000, 1 },
};

/* PM is four kinds to userspace: the modifier names the cut. */
static const struct sense_kind sense_pm_kinds[] = {
	[SENSE_CARD_MOD_PM1] = { "pm1", SENSE_CARD_UNIT_KG_PER_M3, IIO_MASSCONCENTRATION,
				 IIO_MOD_PM1, 1000000000, 1 },
	[SENSE_CARD_MOD_PM2P5] = { "pm2p5", SENSE_CARD_UNIT_KG_PER_M3, IIO_MASSCONCENTRATION,
				   IIO_MOD_PM2P5, 1000000000, 1 },
	[SENSE_CARD_MOD_PM4] = { "pm4", SENSE_CARD_UNIT_KG_PER_M3, IIO_MASSCONCENTRATION,
				 IIO_MOD_PM4, 1000000000, 1 },
	[SENSE_CARD_MOD_PM10] = { "pm10", SENSE_CARD_UNIT_KG_PER_M3, IIO_MASSCONCENTRATION,
				  IIO_MOD_PM10, 1000000000, 1 },
};

static u32 sense_crc(const void *data, size_t length)
{
	return ~crc32_le(~0, data, length);
}

/* Euclid for 64 bits: gcd() takes unsigned long. */
static u64 sense_gcd(u64 a, u64 b)
{
	while (b) {
		u64 rest;

		div64_u64_rem(a, b, &rest);
		a = b;
		b = rest;
	}
	return a;
}

/* num / den * factor_num / factor_den in lowest terms; -ERANGE when that is too big. */
static int sense_rational_set(struct sense_rational *to, u64 num, u64 den, u32 factor_num,
			      u32 factor_den)
{
	bool negative = (s64)num < 0;
	u64 magnitude = negative ? -num : num;
	u64 fn = factor_num, fd = factor_den, g;

	if (!den || den > S64_MAX)
		return -EINVAL;
	g = sense_gcd(magnitude, den);
	magnitude = div64_u64(magnitude, g);
	den = div64_u64(den, g);
	g = sense_gcd(fn, den);
	fn = div64_u64(fn, g);
	den = div64_u64(den, g);
	g = sense_gcd(magnitude, fd);
	if (g) {
		magnitude = div64_u64(magnitude, g);
		fd = div64_u64(fd, g);
	}
	if (check_mul_overflow(magnitude, fn, &magnitude) || check_mul_overflow(den, fd, &den))
		return -ERANGE;
	/* sense_rational_emit() multiplies a remainder by ten. */
	if (magnitude > S64_MAX || den > S64_MAX / 10)
		return -ERANGE;
	to->num = negative ? -(s64)magnitude : (s64)magnitude;
	to->den = den;
	return 0;
}

/**
 * sense_rational_emit() - print an exact number as a decimal
 * @buf: a page, as sysfs gives it
 * @value: the number
 *
 * The IIO core's formats end at nine decimals, which for a 32-bit converter
 * leaves four digits of its scale. This prints all of them, or 24 significant
 * ones where there is no end.
 *
 * Return: bytes written.
 */
ssize_t sense_rational_emit(char *buf, const struct sense_rational *value)
{
	u64 magnitude = value->num < 0 ? -(u64)value->num : value->num;
	unsigned int digits = 0;
	u64 whole, rest;
	ssize_t n;

	whole = div64_u64_rem(magnitude, value->den, &rest);
	n = sysfs_emit(buf, "%s%llu", value->num < 0 ? "-" : "", whole);
	if (whole)
		digits = n - (value->num < 0);
	if (rest)
		n += sysfs_emit_at(buf, n, ".");
	while (rest && digits < SENSE_DIGITS) {
		u64 digit = div64_u64_rem(rest * 10, value->den, &rest);

		if (digit || digits)
			digits++;
		n += sysfs_emit_at(buf, n, "%llu", digit);
	}
	return n + sysfs_emit_at(buf, n, "\n");
}

/* A string that anyone may see: what cannot be printed becomes a question mark. */
static void sense_string(char *to, const u8 *from, size_t size)
{
	size_t i;

	for (i = 0; i < size && from[i]; i++)
		to[i] = from[i] < 0x20 || from[i] == 0x7f ? '?' : from[i];
	to[i] = 0;
}

/* A name that must be [A-Za-z0-9_-], and for a serial number also ".". */
static int sense_name(char *to, const u8 *from, size_t size, const char *more)
{
	size_t i;

	for (i = 0; i < size && from[i]; i++) {
		if (!(isascii(from[i]) && isalnum(from[i])) && !strchr(more, from[i]))
			return -EINVAL;
		to[i] = from[i];
	}
	to[i] = 0;
	return i ? 0 : -EINVAL;
}

static int sense_table_identity(struct sense_pcie *st)
{
	struct sense_card_identity *id = &st->identity;
	struct device *dev = st->dev;
	u32 bits, entries;

	memcpy_fromio(id, st->window + SENSE_CARD_IDENTITY, sizeof(*id));
	/* Not a card of ours: other devices share the PCI id of the virtual lab. */
	if (le64_to_cpu(id->magic) != SENSE_CARD_MAGIC)
		return -ENODEV;
	if (le16_to_cpu(id->major) != SENSE_CARD_MAJOR)
		return dev_err_probe(dev, -ENODEV,
				     "card interface %u.%u: this driver knows %u.x\n",
				     le16_to_cpu(id->major), le16_to_cpu(id->minor),
				     SENSE_CARD_MAJOR);
	if (sense_crc(id, offsetof(typeof(*id), crc)) != le32_to_cpu(id->crc))
		return dev_err_probe(dev, -EIO, "identity block: wrong CRC\n");

	if (le32_to_cpu(id->window) > st->window_size ||
	    le32_to_cpu(id->window) < SENSE_CARD_DOORBELL)
		return dev_err_probe(dev, -EINVAL,
				     "identity: a window of %u bytes in a BAR of %pa\n",
				     le32_to_cpu(id->window), &st->window_size);
	if (sense_name(st->serial, id->serial, sizeof(id->serial), "_-."))
		return dev_err_probe(dev, -EINVAL,
				     "identity: the serial number is empty or has a character beyond [A-Za-z0-9_.-]\n");
	sense_string(st->vendor, id->vendor, sizeof(id->vendor));
	sense_string(st->model, id->model, sizeof(id->model));
	snprintf(st->label, sizeof(st->label), "%s %s", st->vendor, st->model);
	st->capabilities = le64_to_cpu(id->capabilities);
	if (!(st->capabilities & SENSE_CARD_CAP_LATCH))
		return dev_err_probe(dev, -EOPNOTSUPP, "the card cannot latch its counter\n");

	bits = le32_to_cpu(id->dma_bits);
	if (bits < 32 || bits > 64)
		return dev_err_probe(dev, -EINVAL, "identity: %u DMA address bits\n", bits);
	entries = le32_to_cpu(id->max_entries);
	if (!is_power_of_2(entries) || entries < 2 || entries > SENSE_CARD_MAX_ENTRIES)
		return dev_err_probe(dev, -EINVAL, "identity: a ring of %u scans\n", entries);
	st->command_timeout_ms = le32_to_cpu(id->command_timeout_ms);
	if (!st->command_timeout_ms || st->command_timeout_ms > SENSE_TIMEOUT_MAX_MS)
		return dev_err_probe(dev, -EINVAL, "identity: a command time-out of %u ms\n",
				     st->command_timeout_ms);
	return 0;
}

/*
 * Copy one table and check its guard. NULL for an empty table, an error
 * pointer when it cannot be believed; to be freed with kfree().
 */
static void *sense_table_copy(struct sense_pcie *st, const struct sense_card_table *table,
			      const char *name, size_t entry, u32 max, u32 *count, u32 *stride)
{
	u32 offset = le32_to_cpu(table->offset);
	u32 window = le32_to_cpu(st->identity.window);
	size_t size;
	void *copy;

	*count = le32_to_cpu(table->count);
	*stride = le32_to_cpu(table->stride);
	if (!*count)
		return NULL;
	if (*count > max || *stride < entry || *stride > SENSE_STRIDE_MAX || *stride % 8 ||
	    offset % 8 || offset > window || (u64)*count * *stride > window - offset) {
		dev_err_probe(st->dev, -EINVAL,
			      "%s table: %u entries of %u bytes at 0x%x do not fit the interface\n",
			      name, *count, *stride, offset);
		return ERR_PTR(-EINVAL);
	}
	size = *count * *stride;
	copy = kmalloc(size, GFP_KERNEL);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	memcpy_fromio(copy, st->window + offset, size);
	if (sense_crc(copy, size) != le32_to_cpu(table->crc)) {
		kfree(copy);
		dev_err_probe(st->dev, -EIO, "%s table: wrong CRC\n", name);
		return ERR_PTR(-EIO);
	}
	return copy;
}

static int sense_table_range(int range[3], __le32 min, __le32 max)
{
	range[0] = (s32)le32_to_cpu(min);
	range[1] = 1;
	range[2] = (s32)le32_to_cpu(max);
	return range[0] <= range[2] ? 0 : -EINVAL;
}

static const struct sense_kind *sense_table_kind(u16 kind, u16 modifier)
{
	if (kind == SENSE_CARD_KIND_PM) {
		if (modifier < SENSE_CARD_MOD_PM1 || modifier >= ARRAY_SIZE(sense_pm_kinds))
			return NULL;
		return &sense_pm_kinds[modifier];
	}
	if (kind >= ARRAY_SIZE(sense_kinds) || !sense_kinds[kind].name)
		return NULL;
	return &sense_kinds[kind];
}

static int sense_table_channel(struct sense_pcie *st, unsigned int index,
			       const struct sense_card_channel *from)
{
	struct sense_channel *to = &st->channels[index];
	u16 kind = le16_to_cpu(from->kind);
	struct device *dev = st->dev;
	s64 limit;
	int ret;

	if (sense_name(to->label, from->label, sizeof(from->label), "_-"))
		return dev_err_probe(dev, -EINVAL,
				     "channel %u: the label is empty or has a character beyond [A-Za-z0-9_-]\n",
				     index);
	to->modifier = le16_to_cpu(from->modifier);
	to->kind = sense_table_kind(kind, to->modifier);
	if (!to->kind) {
		dev_warn(dev, "channel %u (%s): kind %u, modifier %u unknown, left out\n", index,
			 to->label, kind, to->modifier);
		return 0;
	}
	if (le16_to_cpu(from->unit) != to->kind->unit)
		return dev_err_probe(dev, -EINVAL, "channel %u (%s): kind %s in unit %u\n", index,
				     to->label, to->kind->name, le16_to_cpu(from->unit));
	if (kind != SENSE_CARD_KIND_PM && to->modifier != SENSE_CARD_MOD_NONE)
		return dev_err_probe(dev, -EINVAL, "channel %u (%s): kind %s has no modifier %u\n",
				     index, to->label, to->kind->name, to->modifier);

	to->bits = from->bits;
	to->is_signed = from->flags & SENSE_CARD_CHANNEL_SIGNED;
	if (!to->bits || to->bits > (to->is_signed ? 32 : 31))
		return dev_err_probe(dev, -EINVAL, "channel %u (%s): %u bits\n", index, to->label,
				     to->bits);
	ret = sense_rational_set(&to->scale, le64_to_cpu(from->scale_num),
				 le64_to_cpu(from->scale_den), to->kind->num, to->kind->den);
	if (ret || !to->scale.num)
		return dev_err_probe(dev, -EINVAL, "channel %u (%s): scale %lld / %llu\n", index,
				     to->label, (s64)le64_to_cpu(from->scale_num),
				     le64_to_cpu(from->scale_den));
	ret = sense_rational_set(&to->offset, le64_to_cpu(from->offset_num),
				 le64_to_cpu(from->offset_den), 1, 1);
	if (ret)
		return dev_err_probe(dev, -EINVAL, "channel %u (%s): offset %lld / %llu\n", index,
				     to->label, (s64)le64_to_cpu(from->offset_num),
				     le64_to_cpu(from->offset_den));
	limit = BIT_ULL(to->is_signed ? to->bits - 1 : to->bits);
	if (sense_table_range(to->range, from->range_min, from->range_max) ||
	    to->range[0] < (to->is_signed ? -limit : 0) || to->range[2] >= limit)
		return dev_err_probe(dev, -EINVAL, "channel %u (%s): range %d to %d in %u bits\n",
				     index, to->label, to->range[0], to->range[2], to->bits);
	to->group = le32_to_cpu(from->group);
	return 0;
}

static int sense_table_channels(struct sense_pcie *st)
{
	unsigned int i, j, known = 0;
	u32 count, stride;
	void *table;
	int ret = 0;

	table = sense_table_copy(st, &st->identity.channels, "channel",
				 sizeof(struct sense_card_channel), SENSE_CARD_MAX_CHANNELS,
				 &count, &stride);
	if (IS_ERR_OR_NULL(table))
		return table ? PTR_ERR(table) :
			       dev_err_probe(st->dev, -EINVAL, "channel table: empty\n");
	st->channels = devm_kcalloc(st->dev, count, sizeof(*st->channels), GFP_KERNEL);
	if (!st->channels)
		ret = -ENOMEM;
	for (i = 0; i < count && !ret; i++) {
		ret = sense_table_channel(st, i, table + i * stride);
		for (j = 0; j < i && !ret; j++)
			if (!strcmp(st->channels[i].label, st->channels[j].label))
				ret = dev_err_probe(st->dev, -EINVAL,
						    "channels %u and %u are both called %s\n",
						    j, i, st->channels[i].label);
		known += !!st->channels[i].kind;
	}
	kfree(table);
	if (!ret && !known)
		ret = dev_err_probe(st->dev, -ENODEV, "no channel of a known kind\n");
	st->num_channels = count;
	return ret;
}

static int sense_table_output(struct sense_pcie *st, unsigned int index,
			      const struct sense_card_output_info *from)
{
	struct sense_output *to = &st->outputs[index];
	struct device *dev = st->dev;
	int ret;

	if (sense_name(to->label, from->label, sizeof(from->label), "_-"))
		return dev_err_probe(dev, -EINVAL,
				     "output %u: the label is empty or has a character beyond [A-Za-z0-9_-]\n",
				     index);
	to->st = st;
	to->index = index;
	to->kind = le16_to_cpu(from->kind);
	if (to->kind != SENSE_CARD_OUT_CURRENT && to->kind != SENSE_CARD_OUT_VOLTAGE) {
		dev_warn(dev, "output %u (%s): kind %u unknown, left out\n", index, to->label,
			 to->kind);
		to->kind = 0;
	}
	/* Ampere and volt both become milli. */
	ret = sense_rational_set(&to->scale, le64_to_cpu(from->scale_num),
				 le64_to_cpu(from->scale_den), 1000, 1);
	if (ret || !to->scale.num)
		return dev_err_probe(dev, -EINVAL, "output %u (%s): scale %lld / %llu\n", index,
				     to->label, (s64)le64_to_cpu(from->scale_num),
				     le64_to_cpu(from->scale_den));
	to->safe = (s32)le32_to_cpu(from->safe);
	if (sense_table_range(to->range, from->range_min, from->range_max) ||
	    to->safe < to->range[0] || to->safe > to->range[2])
		return dev_err_probe(dev, -EINVAL, "output %u (%s): safe value %d in %d to %d\n",
				     index, to->label, to->safe, to->range[0], to->range[2]);
	to->slew = le32_to_cpu(from->slew);
	to->watchdog_min_ms = le32_to_cpu(from->watchdog_min_ms);
	to->watchdog_max_ms = le32_to_cpu(from->watchdog_max_ms);
	if (!to->watchdog_min_ms || to->watchdog_min_ms > to->watchdog_max_ms ||
	    to->watchdog_max_ms > 3600 * MSEC_PER_SEC)
		return dev_err_probe(dev, -EINVAL, "output %u (%s): watchdog of %u to %u ms\n",
				     index, to->label, to->watchdog_min_ms, to->watchdog_max_ms);
	return 0;
}

static int sense_table_outputs(struct sense_pcie *st)
{
	u32 count, stride;
	unsigned int i;
	void *table;
	int ret = 0;

	if (!(st->capabilities & SENSE_CARD_CAP_OUTPUTS))
		return 0;
	table = sense_table_copy(st, &st->identity.outputs, "output",
				 sizeof(struct sense_card_output_info), SENSE_CARD_MAX_OUTPUTS,
				 &count, &stride);
	if (IS_ERR_OR_NULL(table))
		return PTR_ERR_OR_ZERO(table);
	st->outputs = devm_kcalloc(st->dev, count, sizeof(*st->outputs), GFP_KERNEL);
	if (!st->outputs)
		ret = -ENOMEM;
	for (i = 0; i < count && !ret; i++)
		ret = sense_table_output(st, i, table + i * stride);
	kfree(table);
	if (!ret)
		st->num_outputs = count;
	return ret;
}

static int sense_table_rates(struct sense_pcie *st)
{
	const struct sense_card_rate *rate;
	u32 count, stride;
	unsigned int i;
	void *table;
	int ret = 0;

	table = sense_table_copy(st, &st->identity.rates, "rate", sizeof(*rate),
				 SENSE_CARD_MAX_RATES, &count, &stride);
	if (IS_ERR_OR_NULL(table))
		return table ? PTR_ERR(table) :
			       dev_err_probe(st->dev, -EINVAL, "rate table: empty\n");
	for (i = 0; i < count; i++) {
		rate = table + i * stride;
		st->rates[i].num = le32_to_cpu(rate->hz_num);
		st->rates[i].den = le32_to_cpu(rate->hz_den);
		if (!st->rates[i].num || !st->rates[i].den || st->rates[i].num > INT_MAX ||
		    st->rates[i].den > INT_MAX) {
			ret = dev_err_probe(st->dev, -EINVAL, "rate %u: %u / %u Hz\n", i,
					    st->rates[i].num, st->rates[i].den);
			break;
		}
		st->rates_available[2 * i] = st->rates[i].num;
		st->rates_available[2 * i + 1] = st->rates[i].den;
	}
	kfree(table);
	st->num_rates = count;
	return ret;
}

/**
 * sense_table_read() - read and check all that the card says about itself
 * @st: the card; window and window_size are set
 *
 * Return: 0; -ENODEV, without a word, for a device that is no such card; or
 * another error after a message that says what is wrong with the table.
 */
int sense_table_read(struct sense_pcie *st)
{
	int ret;

	ret = sense_table_identity(st);
	if (ret)
		return ret;
	ret = sense_table_channels(st);
	if (ret)
		return ret;
	ret = sense_table_outputs(st);
	if (ret)
		return ret;
	return sense_table_rates(st);
}

/**
 * sense_table_recheck() - whether the card is still the one that was probed
 * @st: the card
 *
 * After a sleep somebody may have changed it, or its firmware.
 *
 * Return: 0 or -ENODEV.
 */
int sense_table_recheck(struct sense_pcie *st)
{
	struct sense_card_identity now;

	memcpy_fromio(&now, st->window + SENSE_CARD_IDENTITY, sizeof(now));
	return memcmp(&now, &st->identity, sizeof(now)) ? -ENODEV : 0;
}
