// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From the tree of a DCC to a certificate. Source: DCC schema 2.4.0, 3.0.0, 3.1.2, 3.2.1 and 3.3.0
 * (https://ptb.de/dcc). Elements renamed between versions are read under either name.
 */
#include "calibrate/certificate-model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* ---- how it was measured ----------------------------------------------------------- */

static int boolean(struct reader *reader, const xmlNode *node, const char *child)
{
	const char *text = reader_child_string(reader, node, child);

	return strcmp(text, "true") == 0 || strcmp(text, "1") == 0  ? 1 :
	       strcmp(text, "false") == 0 || strcmp(text, "0") == 0 ? 0 :
								      -1;
}

static const char *first(const char *a, const char *b)
{
	return *a ? a : b;
}

void reader_remarks(struct reader *reader, const xmlNode *list, const char *child,
		    struct vector *remarks)
{
	for (const xmlNode *at = list ? xml_child(list, DCC_NAMESPACE, child) : NULL;
	     at && !reader->error; at = xml_next(at)) {
		struct sense_certificate_remark *remark =
			arena_alloc(reader->arena, sizeof(*remark));
		const struct sense_certificate_remark **slot;
		struct vector quantities = { .size = sizeof(void *) };
		const xmlNode *data = xml_child(at, DCC_NAMESPACE, "data");

		if (!remark)
			break;
		remark->ref_types = reader_tokens(reader, at, "refType", &remark->ref_type_count);
		remark->name = reader_child_text(reader, at, "name");
		remark->declaration = reader_child_text(reader, at, "declaration");
		if (!remark->declaration)
			remark->declaration = reader_child_text(reader, at, "description");
		remark->norm = reader_joined(reader, at, "norm");
		remark->reference = reader_joined(reader, at, "reference");
		remark->convention = reader_joined(reader, at, "convention");
		remark->date = reader_child_string(reader, at, "date");
		remark->period = reader_child_string(reader, at, "period");
		remark->conformity = first(reader_child_string(reader, at, "conformity"),
					   reader_child_string(reader, at, "conformityXMLList"));
		remark->valid = boolean(reader, at, "valid");
		if (xml_child(at, DCC_NAMESPACE, "validXMLList")) {
			const char *words = reader_child_string(reader, at, "validXMLList");

			/* One that is not valid is what a reader must hear of. */
			remark->valid = !strstr(words, "false") && !strchr(words, '0');
		}
		remark->traceable = boolean(reader, at, "traceable");
		reader_contact(reader, xml_child(at, DCC_NAMESPACE, "respAuthority"),
			       &remark->authority);
		remark->non_si_unit = reader_child_string(reader, at, "nonSIUnit");
		remark->non_si_definition = reader_child_string(reader, at, "nonSIDefinition");
		if (data)
			reader_data(reader, data, &quantities, remarks);
		remark->quantity_count = (unsigned int)quantities.count;
		remark->quantities = vector_end(&quantities, reader->arena);
		slot = vector_add(remarks, reader->arena);
		if (slot)
			*slot = remark;
		reader_known(reader, at,
			     "name description declaration norm reference convention date period "
			     "conformity conformityXMLList valid validXMLList traceable "
			     "respAuthority nonSIUnit nonSIDefinition data");
	}
}

static void read_software(struct reader *reader, const xmlNode *list, const char *use)
{
	for (const xmlNode *at = list ? xml_child(list, DCC_NAMESPACE, "software") : NULL; at;
	     at = xml_next(at)) {
		struct sense_certificate_software *s = vector_add(&reader->software, reader->arena);

		if (!s)
			return;
		s->name = reader_child_text(reader, at, "name");
		s->release = reader_child_string(reader, at, "release");
		s->type = reader_child_string(reader, at, "type");
		s->use = use;
		reader_known(reader, at, "name release type");
	}
}

static void read_methods(struct reader *reader, const xmlNode *list)
{
	for (const xmlNode *at = list ? xml_child(list, DCC_NAMESPACE, "usedMethod") : NULL; at;
	     at = xml_next(at)) {
		struct sense_certificate_method *m = vector_add(&reader->methods, reader->arena);

		if (!m)
			return;
		m->name = reader_child_text(reader, at, "name");
		m->description = reader_child_text(reader, at, "description");
		m->ref_types = reader_tokens(reader, at, "refType", &m->ref_type_count);
		m->norm = reader_joined(reader, at, "norm");
		m->reference = reader_joined(reader, at, "reference");
		reader_known(reader, at, "name description norm reference");
	}
}

static void read_equipment(struct reader *reader, const xmlNode *list)
{
	for (const xmlNode *at = list ? xml_child(list, DCC_NAMESPACE, "measuringEquipment") : NULL;
	     at; at = xml_next(at)) {
		struct sense_certificate_equipment *e =
			vector_add(&reader->equipment, reader->arena);

		if (!e)
			return;
		e->name = reader_child_text(reader, at, "name");
		e->description = reader_child_text(reader, at, "description");
		e->ref_types = reader_tokens(reader, at, "refType", &e->ref_type_count);
		reader_contact(reader, xml_child(at, DCC_NAMESPACE, "manufacturer"),
			       &e->manufacturer);
		e->model = reader_child_string(reader, at, "model");
		e->identifications =
			reader_identifications(reader, at, &e->identification_count, &e->serial);
		e->reference = reader_reference(reader, xml_child(at, DCC_NAMESPACE, "certificate"),
						"equipment");
		read_software(reader, xml_child(at, DCC_NAMESPACE, "installedSoftware"),
			      "equipment");
		reader_known(reader, at,
			     "name description manufacturer model identifications certificate "
			     "installedSoftware");
	}
	if (list)
		reader_known(reader, list, "measuringEquipment");
}

static void read_conditions(struct reader *reader, const xmlNode *list)
{
	for (const xmlNode *at = list ? xml_child(list, DCC_NAMESPACE, "influenceCondition") : NULL;
	     at && !reader->error; at = xml_next(at)) {
		struct sense_certificate_condition *slot, c = { 0 };
		struct vector quantities = { .size = sizeof(void *) };
		struct vector remarks = { .size = sizeof(void *) };
		const xmlNode *data = xml_child(at, DCC_NAMESPACE, "data");
		int result = reader->result;

		reader->result = -1;
		c.name = reader_child_text(reader, at, "name");
		c.description = reader_child_text(reader, at, "description");
		c.status = first(reader_child_string(reader, at, "status"),
				 reader_child_string(reader, at, "state"));
		c.ref_types = reader_tokens(reader, at, "refType", &c.ref_type_count);
		reader_reference(reader, xml_child(at, DCC_NAMESPACE, "certificate"), "condition");
		if (data)
			reader_data(reader, data, &quantities, &remarks);
		c.quantity_count = (unsigned int)quantities.count;
		c.quantities = vector_end(&quantities, reader->arena);
		if (remarks.count)
			reader_note(reader, at, "metadata of a list of conditions was left aside");
		vector_end(&remarks, reader->arena);
		slot = vector_add(&reader->conditions, reader->arena);
		if (slot)
			*slot = c;
		reader->result = result;
		reader_known(reader, at, "name description status state certificate data");
	}
}

void reader_surroundings(struct reader *reader, const xmlNode *node)
{
	read_methods(reader, xml_child(node, DCC_NAMESPACE, "usedMethods"));
	read_software(reader, xml_child(node, DCC_NAMESPACE, "usedSoftware"), "measurement");
	read_equipment(reader, xml_child(node, DCC_NAMESPACE, "measuringEquipments"));
	read_conditions(reader, xml_child(node, DCC_NAMESPACE, "influenceConditions"));
}

/* ---- results ----------------------------------------------------------------------- */

static void read_results(struct reader *reader, const xmlNode *measurement)
{
	const xmlNode *list = xml_child(measurement, DCC_NAMESPACE, "results");

	for (const xmlNode *at = list ? xml_child(list, DCC_NAMESPACE, "result") : NULL;
	     at && !reader->error; at = xml_next(at)) {
		struct sense_certificate_result *slot, r = { 0 };
		struct vector quantities = { .size = sizeof(void *) };
		struct vector remarks = { .size = sizeof(void *) };
		const xmlNode *data = xml_child(at, DCC_NAMESPACE, "data");

		reader->result = (int)reader->results.count;
		r.name = reader_child_text(reader, at, "name");
		r.description = reader_child_text(reader, at, "description");
		r.ref_types = reader_tokens(reader, at, "refType", &r.ref_type_count);
		r.id = reader_attribute(reader, at, "id");
		r.measurement = reader_child_text(reader, measurement, "name");
		if (data)
			reader_data(reader, data, &quantities, &remarks);
		r.quantity_count = (unsigned int)quantities.count;
		r.quantities = vector_end(&quantities, reader->arena);
		r.remark_count = (unsigned int)remarks.count;
		r.remarks = vector_end(&remarks, reader->arena);
		slot = vector_add(&reader->results, reader->arena);
		if (slot)
			*slot = r;
		reader_known(reader, at, "name description data");
	}
	reader->result = -1;
}

static void read_measurements(struct reader *reader, const xmlNode *root, struct vector *statements)
{
	const xmlNode *list = xml_child(root, DCC_NAMESPACE, "measurementResults");

	if (!list) {
		reader_refuse(reader, root, "dcc:measurementResults is missing");
		return;
	}
	reader_surroundings(reader, list);
	reader_remarks(reader, xml_child(list, DCC_NAMESPACE, "measurementMetaData"), "metaData",
		       statements);
	reader_reference(reader,
			 xml_child(xml_child(list, DCC_NAMESPACE, "metrologicallyTraceable"),
				   DCC_NAMESPACE, "identifier"),
			 "traceable"); /* DCC 2 */
	for (const xmlNode *at = xml_child(list, DCC_NAMESPACE, "measurementResult");
	     at && !reader->error; at = xml_next(at)) {
		reader_surroundings(reader, at);
		reader_remarks(reader, xml_child(at, DCC_NAMESPACE, "measurementMetaData"),
			       "metaData", statements);
		read_results(reader, at);
		reader_known(reader, at,
			     "name description usedMethods usedSoftware measuringEquipments "
			     "influenceConditions results measurementMetaData");
	}
	reader_known(reader, list,
		     "usedMethods usedSoftware measuringEquipments influenceConditions "
		     "measurementMetaData measurementResult metrologicallyTraceable");
}

/* ---- administrative data ----------------------------------------------------------- */

static void read_items(struct reader *reader, const xmlNode *list, int parent)
{
	struct sense_contact common;

	if (!list)
		return;
	reader_contact(reader, xml_child(list, DCC_NAMESPACE, "manufacturer"), &common);
	for (const xmlNode *at = xml_child(list, DCC_NAMESPACE, "item"); at && !reader->error;
	     at = xml_next(at)) {
		struct sense_certificate_item *slot, item = { .parent = parent };
		int index = (int)reader->items.count;

		item.name = reader_child_text(reader, at, "name");
		item.description = reader_child_text(reader, at, "description");
		item.model = reader_child_string(reader, at, "model");
		item.id = reader_attribute(reader, at, "id");
		reader_contact(reader, xml_child(at, DCC_NAMESPACE, "manufacturer"),
			       &item.manufacturer);
		if (!item.manufacturer.name)
			item.manufacturer = common;
		item.identifications = reader_identifications(
			reader, at, &item.identification_count, &item.serial);
		slot = vector_add(&reader->items, reader->arena);
		if (!slot)
			return;
		*slot = item;
		read_software(reader, xml_child(at, DCC_NAMESPACE, "installedSoftwares"), "item");
		read_items(reader, xml_child(at, DCC_NAMESPACE, "subItems"), index);
		for (const xmlNode *d = xml_child(at, DCC_NAMESPACE, "descriptionData"); d;
		     d = xml_next(d))
			reader_file(reader, d);
		reader_known(reader, at,
			     "name description descriptionData model manufacturer identifications "
			     "installedSoftwares subItems");
	}
	reader_known(reader, list, "item manufacturer");
}

static void read_core(struct reader *reader, const xmlNode *core)
{
	struct sense_certificate *c = reader->certificate;
	struct vector languages = { .size = sizeof(const char *) };
	static const char *const kinds[] = { "mandatoryLangCodeISO639_1", "usedLangCodeISO639_1" };
	const xmlNode *change;

	for (int i = 0; i < 2; i++)
		for (const xmlNode *at = xml_child(core, DCC_NAMESPACE, kinds[i]); at;
		     at = xml_next(at)) {
			const char *language = reader_string(reader, at), **slot;
			int known = languages.count >= 32;

			/* ISO 639-1 has 183; a certificate in more than a few is none. */
			if (known) {
				reader_note(reader, at, "languages beyond 32 were left aside");
				i = 1;
				break;
			}
			for (size_t j = 0; j < languages.count; j++)
				known |= strcmp(((const char **)languages.data)[j], language) == 0;
			if (!known && (slot = vector_add(&languages, reader->arena)))
				*slot = language;
		}
	c->language_count = (unsigned int)languages.count;
	c->languages = vector_end(&languages, reader->arena);
	c->country = reader_child_string(reader, core, "countryCodeISO3166_1");
	c->identifier = reader_child_string(reader, core, "uniqueIdentifier");
	c->receipt = reader_child_string(reader, core, "receiptDate");
	c->begin = reader_child_string(reader, core, "beginPerformanceDate");
	c->end = reader_child_string(reader, core, "endPerformanceDate");
	c->location = reader_child_string(reader, core, "performanceLocation");
	c->issue = reader_child_string(reader, core, "issueDate");
	c->identifications = reader_identifications(reader, core, &c->identification_count, NULL);
	change = xml_child(core, DCC_NAMESPACE, "reportAmendedSubstituted");
	if (change) {
		c->change = reader_child_string(reader, change, "typeOfChange");
		c->replaced = reader_child_string(reader, change, "replacedUniqueIdentifier");
	}
	reader_reference(reader, xml_child(core, DCC_NAMESPACE, "previousReport"), "previous");
	if (!*c->identifier)
		reader_refuse(reader, core, "the unique identifier is missing");
	reader_known(reader, core,
		     "countryCodeISO3166_1 usedLangCodeISO639_1 mandatoryLangCodeISO639_1 "
		     "uniqueIdentifier identifications receiptDate beginPerformanceDate "
		     "endPerformanceDate performanceLocation issueDate reportAmendedSubstituted "
		     "previousReport");
}

static void read_administration(struct reader *reader, const xmlNode *root,
				struct vector *statements)
{
	const xmlNode *admin = xml_child(root, DCC_NAMESPACE, "administrativeData");
	const xmlNode *core = xml_child(admin, DCC_NAMESPACE, "coreData");
	const xmlNode *laboratory = xml_child(admin, DCC_NAMESPACE, "calibrationLaboratory");
	const xmlNode *persons = xml_child(admin, DCC_NAMESPACE, "respPersons");
	struct sense_certificate *c = reader->certificate;
	struct vector people = { .size = sizeof(struct sense_person) };

	if (!core) {
		reader_refuse(reader, admin ? admin : root,
			      "the core of its administrative data is missing");
		return;
	}
	read_software(reader, xml_child(admin, DCC_NAMESPACE, "dccSoftware"), "certificate");
	read_core(reader, core);
	read_items(reader, xml_child(admin, DCC_NAMESPACE, "items"), -1);
	if (laboratory) {
		const xmlNode *contact = xml_child(laboratory, DCC_NAMESPACE, "contact");

		c->laboratory_code =
			reader_child_string(reader, laboratory, "calibrationLaboratoryCode");
		reader_contact(reader, contact, &c->laboratory);
		if (contact && xml_next(contact))
			reader_note(reader, xml_next(contact), "a second contact was left aside");
		reader_known(reader, laboratory, "calibrationLaboratoryCode contact");
	}
	reader_contact(reader, xml_child(admin, DCC_NAMESPACE, "customer"), &c->customer);
	for (const xmlNode *at = xml_child(persons, DCC_NAMESPACE, "respPerson"); at;
	     at = xml_next(at)) {
		struct sense_person *person = vector_add(&people, reader->arena);

		if (!person)
			break;
		reader_contact(reader, xml_child(at, DCC_NAMESPACE, "person"), &person->contact);
		person->role = reader_child_string(reader, at, "role");
		person->main_signer = boolean(reader, at, "mainSigner") == 1;
		reader_known(reader, at, "person role mainSigner");
	}
	c->person_count = (unsigned int)people.count;
	c->persons = vector_end(&people, reader->arena);
	reader_remarks(reader, xml_child(admin, DCC_NAMESPACE, "statements"), "statement",
		       statements);
	reader_known(reader, admin,
		     "dccSoftware coreData items calibrationLaboratory respPersons customer "
		     "statements");
}

/* ---- all of it --------------------------------------------------------------------- */

static int check_version(struct sense_certificate *c)
{
	unsigned int major, minor, patch;
	char rest;

	if (sscanf(c->schema_version, "%3u.%3u.%3u%c", &major, &minor, &patch, &rest) != 3)
		return sense_fail(EBADMSG, c->name, "a DCC's root says schemaVersion=\"3.3.0\"",
				  "%s does not say of which DCC version it is", c->name);
	if (major < 2 || (major == 2 && minor < 4) || major > 3 || (major == 3 && minor > 3))
		return sense_fail(EPROTONOSUPPORT, c->name,
				  "ask the laboratory for a DCC of version 2.4 to 3.3",
				  "%s is a DCC of version %s, which is not known here", c->name,
				  c->schema_version);
	return 0;
}

#define KEEP(field, number)                                         \
	do {                                                        \
		c->number = (unsigned int)reader.field.count;       \
		c->field = vector_end(&reader.field, reader.arena); \
	} while (0)

int certificate_read(struct sense_certificate *c, xmlDoc *doc)
{
	struct vector statements = { .size = sizeof(struct sense_certificate_remark *) };
	const xmlNode *root = xmlDocGetRootElement(doc), *document;
	struct reader reader = {
		.certificate = c,
		.arena = &c->arena,
		.name = c->name,
		.result = -1,
		.table = -1,
		.items.size = sizeof(struct sense_certificate_item),
		.tables.size = sizeof(struct sense_certificate_table),
		.results.size = sizeof(struct sense_certificate_result),
		.conditions.size = sizeof(struct sense_certificate_condition),
		.methods.size = sizeof(struct sense_certificate_method),
		.software.size = sizeof(struct sense_certificate_software),
		.equipment.size = sizeof(struct sense_certificate_equipment),
		.references.size = sizeof(struct sense_certificate_reference),
		.files.size = sizeof(struct sense_certificate_file),
		.notes.size = sizeof(const char *),
	};
	int r;

	if (!xml_is(root, DCC_NAMESPACE, "digitalCalibrationCertificate"))
		return sense_fail(
			EBADMSG, c->name, "a DCC's root is dcc:digitalCalibrationCertificate",
			"%s is XML, but no digital calibration certificate (its root is '%.60s')",
			c->name, (const char *)root->name);
	c->schema_version = reader_attribute(&reader, root, "schemaVersion");
	r = check_version(c);
	if (r < 0)
		return r;
	read_administration(&reader, root, &statements);
	if (!reader.error)
		read_measurements(&reader, root, &statements);
	document = xml_child(root, DCC_NAMESPACE, "document");
	if (document)
		reader_file(&reader, document);
	reader_known(&reader, root, "administrativeData measurementResults document Signature");

	c->statement_count = (unsigned int)statements.count;
	c->statements = vector_end(&statements, reader.arena);
	KEEP(items, item_count);
	KEEP(tables, table_count);
	KEEP(results, result_count);
	KEEP(conditions, condition_count);
	KEEP(methods, method_count);
	KEEP(software, software_count);
	KEEP(equipment, equipment_count);
	KEEP(references, reference_count);
	KEEP(files, file_count);
	KEEP(notes, note_count);
	if (c->arena.failed)
		return sense_fail(ENOMEM, c->name, NULL, "no memory to read %s", c->name);
	return reader.error;
}
