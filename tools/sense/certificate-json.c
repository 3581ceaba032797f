// SPDX-License-Identifier: GPL-2.0-or-later
/* sense certificate show --json */
#include <math.h>
#include <string.h>

#include <sense/verification.h>

#include "certificate.h"

static json_t *string(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *reals(const double *values, unsigned int n)
{
	json_t *array = json_array();

	for (unsigned int i = 0; values && i < n; i++)
		json_array_append_new(array, real(values[i]));
	return array;
}

static json_t *strings(const char *const *values, unsigned int n)
{
	json_t *array = json_array();

	for (unsigned int i = 0; values && i < n; i++)
		json_array_append_new(array, json_string(values[i]));
	return array;
}

/* One number where all are the same, else a list. */
static json_t *common(const double *values, unsigned int n)
{
	if (!values || !n)
		return json_null();
	for (unsigned int i = 1; i < n; i++)
		if (values[i] != values[0])
			return reals(values, n);
	return real(values[0]);
}

static json_t *texts(const struct sense_text *text)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < sense_text_get_count(text); i++)
		json_array_append_new(array, json_pack("{s:s, s:s}", "language",
						       sense_text_get_language(text, i), "content",
						       sense_text_get_content(text, i)));
	return array;
}

static json_t *contact(const struct sense_contact *c, const char *language)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name",
			 string(sense_text_get(c->name, language)), "address", string(c->address),
			 "country", string(c->country), "email", string(c->email), "phone",
			 string(c->phone), "link", string(c->link));
}

static json_t *identifications(const struct sense_identification *ids, unsigned int n,
			       const char *language)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:o}", "issuer", string(ids[i].issuer),
						"value", string(ids[i].value), "name",
						string(sense_text_get(ids[i].name, language))));
	return array;
}

static json_t *quantities(const struct sense_certificate_quantity *const *list, unsigned int n,
			  const char *language);

static json_t *remarks(const struct sense_certificate_remark *const *list, unsigned int n,
		       const char *language)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < n; i++) {
		const struct sense_certificate_remark *r = list[i];

		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
				  "ref_types", strings(r->ref_types, r->ref_type_count), "name",
				  string(sense_text_get(r->name, language)), "declaration",
				  string(sense_text_get(r->declaration, language)), "norm",
				  string(r->norm), "reference", string(r->reference), "date",
				  string(r->date), "period", string(r->period), "conformity",
				  string(r->conformity), "valid",
				  r->valid < 0 ? json_null() : json_boolean(r->valid), "traceable",
				  r->traceable < 0 ? json_null() : json_boolean(r->traceable),
				  "authority", string(sense_text_get(r->authority.name, language)),
				  "quantities",
				  quantities(r->quantities, r->quantity_count, language)));
	}
	return array;
}

static const char *const forms[] = { [SENSE_UNCERTAINTY_NONE] = NULL,
				     [SENSE_UNCERTAINTY_STANDARD] = "standard",
				     [SENSE_UNCERTAINTY_EXPANDED] = "expanded",
				     [SENSE_UNCERTAINTY_INTERVAL] = "interval" };

static json_t *quantity(const struct sense_certificate_quantity *q, const char *language)
{
	const char *label = *q->label ? q->label : q->symbol;
	struct sense_unit unit;
	json_t *object;

	object = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i}", "ref_types",
			   strings(q->ref_types, q->ref_type_count), "name",
			   string(sense_text_get(q->name, language)), "label", string(label),
			   "unit", string(q->unit), "values", reals(q->values, q->count),
			   "uncertainty", reals(q->uncertainty, q->uncertainty ? q->count : 0), "k",
			   common(q->k, q->count), "p", common(q->p, q->count), "uncertainty_form",
			   string(forms[q->uncertainty_form]), "group", q->group, "table",
			   q->table);
	if (!object)
		return json_null();
	if (*q->unit && sense_unit_parse(q->unit, &unit) == 0)
		json_object_set_new(object, "unit_symbol", json_string(unit.symbol));
	if (q->units && !*q->unit)
		json_object_set_new(object, "units", strings(q->units, q->count));
	if (q->interval_min) {
		json_object_set_new(object, "interval_min", reals(q->interval_min, q->count));
		json_object_set_new(object, "interval_max", reals(q->interval_max, q->count));
	}
	if (q->relative_uncertainty) {
		json_object_set_new(object, "relative_uncertainty",
				    reals(q->relative_uncertainty, q->count));
		json_object_set_new(object, "relative_unit", string(q->relative_unit));
	}
	if (q->labels && q->count > 1)
		json_object_set_new(object, "labels", strings(q->labels, q->count));
	if (q->times)
		json_object_set_new(object, "times", strings(q->times, q->count));
	if (q->distribution)
		json_object_set_new(object, "distribution", strings(q->distribution, q->count));
	if (q->conformity)
		json_object_set_new(object, "conformity", strings(q->conformity, q->count));
	if (q->form == SENSE_QUANTITY_TEXT)
		json_object_set_new(object, "text", texts(q->text));
	if (q->form == SENSE_QUANTITY_COMPLEX)
		json_object_set_new(object, "left_aside", json_true());
	if (q->remark_count)
		json_object_set_new(object, "metadata",
				    remarks(q->remarks, q->remark_count, language));
	return object;
}

static json_t *quantities(const struct sense_certificate_quantity *const *list, unsigned int n,
			  const char *language)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(array, quantity(list[i], language));
	return array;
}

static json_t *items(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_certificate_item *item;

	for (unsigned int i = 0; (item = sense_certificate_get_item(c, i)); i++)
		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o, s:o}", "name",
				  string(sense_text_get(item->name, language)), "manufacturer",
				  string(sense_text_get(item->manufacturer.name, language)),
				  "model", string(item->model), "serial", string(item->serial),
				  "identifications",
				  identifications(item->identifications, item->identification_count,
						  language)));
	return array;
}

static json_t *results(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_certificate_result *r;

	for (unsigned int i = 0; (r = sense_certificate_get_result(c, i)); i++)
		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o}", "name",
				  string(sense_text_get(r->name, language)), "ref_types",
				  strings(r->ref_types, r->ref_type_count), "quantities",
				  quantities(r->quantities, r->quantity_count, language),
				  "metadata", remarks(r->remarks, r->remark_count, language)));
	return array;
}

static json_t *conditions(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_certificate_condition *x;

	for (unsigned int i = 0; (x = sense_certificate_get_condition(c, i)); i++)
		json_array_append_new(
			array, json_pack("{s:o, s:o, s:o, s:o}", "name",
					 string(sense_text_get(x->name, language)), "ref_types",
					 strings(x->ref_types, x->ref_type_count), "status",
					 string(x->status), "quantities",
					 quantities(x->quantities, x->quantity_count, language)));
	return array;
}

static json_t *methods(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_certificate_method *m;

	for (unsigned int i = 0; (m = sense_certificate_get_method(c, i)); i++)
		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o, s:o}", "name",
				  string(sense_text_get(m->name, language)), "ref_types",
				  strings(m->ref_types, m->ref_type_count), "norm", string(m->norm),
				  "reference", string(m->reference), "description",
				  string(sense_text_get(m->description, language))));
	return array;
}

static json_t *software(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_certificate_software *s;

	for (unsigned int i = 0; (s = sense_certificate_get_software(c, i)); i++)
		json_array_append_new(array, json_pack("{s:o, s:o, s:o}", "name",
						       string(sense_text_get(s->name, language)),
						       "release", string(s->release), "use",
						       string(s->use)));
	return array;
}

static json_t *equipment(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_certificate_equipment *e;

	for (unsigned int i = 0; (e = sense_certificate_get_equipment(c, i)); i++)
		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name",
				  string(sense_text_get(e->name, language)), "ref_types",
				  strings(e->ref_types, e->ref_type_count), "manufacturer",
				  string(sense_text_get(e->manufacturer.name, language)), "model",
				  string(e->model), "serial", string(e->serial), "reference",
				  e->reference < 0 ? json_null() : json_integer(e->reference)));
	return array;
}

static json_t *references(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_certificate_reference *r;

	for (unsigned int i = 0; (r = sense_certificate_get_reference(c, i)); i++)
		json_array_append_new(
			array, json_pack("{s:s, s:o, s:o, s:o, s:o}", "relation", r->relation,
					 "referral", string(sense_text_get(r->referral, language)),
					 "identifier", string(r->identifier), "procedure",
					 string(r->procedure), "value", string(r->value)));
	return array;
}

static json_t *persons(const struct sense_certificate *c, const char *language)
{
	json_t *array = json_array();
	const struct sense_person *p;

	for (unsigned int i = 0; (p = sense_certificate_get_person(c, i)); i++)
		json_array_append_new(
			array, json_pack("{s:o, s:o, s:b}", "name",
					 string(sense_text_get(p->contact.name, language)), "role",
					 string(p->role), "main_signer", p->main_signer));
	return array;
}

static json_t *files(const struct sense_certificate *c)
{
	json_t *array = json_array();
	const struct sense_certificate_file *f;

	for (unsigned int i = 0; (f = sense_certificate_get_file(c, i)); i++)
		json_array_append_new(array, json_pack("{s:o, s:o, s:I}", "name", string(f->name),
						       "mime_type", string(f->mime_type), "size",
						       (json_int_t)f->size));
	return array;
}

static json_t *notes(const struct sense_certificate *c)
{
	json_t *array = json_array();
	const char *note;

	for (unsigned int i = 0; (note = sense_certificate_get_note(c, i)); i++)
		json_array_append_new(array, json_string(note));
	return array;
}

json_t *certificate_signature_json(const struct sense_certificate_signature *s)
{
	return json_pack("{s:b, s:b, s:b, s:s, s:o, s:o, s:o, s:o, s:o}", "present",
			 sense_certificate_signature_is_present(s), "valid",
			 sense_certificate_signature_is_valid(s), "trusted",
			 sense_certificate_signature_is_trusted(s), "reason",
			 sense_certificate_signature_get_reason(s), "form",
			 string(sense_certificate_signature_get_form(s)), "signer",
			 string(sense_certificate_signature_get_signer(s)), "issuer",
			 string(sense_certificate_signature_get_issuer(s)), "algorithm",
			 string(sense_certificate_signature_get_algorithm(s)), "signing_time",
			 string(sense_certificate_signature_get_time(s)));
}

json_t *certificate_json(const struct sense_certificate *c,
			 const struct sense_certificate_signature *signature, const char *language)
{
	const struct sense_contact *laboratory = sense_certificate_get_laboratory(c);
	const struct sense_certificate_remark *statement;
	json_t *statements = json_array(), *languages = json_array(), *object;
	const char *text;

	for (unsigned int i = 0; (text = sense_certificate_get_language(c, i)); i++)
		json_array_append_new(languages, json_string(text));
	for (unsigned int i = 0; (statement = sense_certificate_get_statement(c, i)); i++) {
		json_t *one = remarks(&statement, 1, language);

		json_array_extend(statements, one);
		json_decref(one);
	}
	object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "schema_version",
			   sense_certificate_get_schema_version(c), "unique_identifier",
			   sense_certificate_get_unique_identifier(c), "laboratory",
			   string(sense_text_get(laboratory->name, language)), "items",
			   items(c, language), "results", results(c, language), "signature",
			   certificate_signature_json(signature));
	if (!object)
		return NULL;
	json_object_set_new(object, "file", json_string(sense_certificate_get_name(c)));
	json_object_set_new(object, "verification_record",
			    json_boolean(sense_certificate_is_verification(c)));
	json_object_set_new(object, "sha256", json_string(sense_certificate_get_sha256(c)));
	json_object_set_new(object, "languages", languages);
	json_object_set_new(object, "begin_date", string(sense_certificate_get_begin_date(c)));
	json_object_set_new(object, "end_date", string(sense_certificate_get_end_date(c)));
	json_object_set_new(object, "issue_date", string(sense_certificate_get_issue_date(c)));
	json_object_set_new(object, "valid_until", string(sense_certificate_get_valid_until(c)));
	json_object_set_new(object, "location", string(sense_certificate_get_location(c)));
	json_object_set_new(object, "change", string(sense_certificate_get_change(c)));
	json_object_set_new(object, "replaces", string(sense_certificate_get_replaced(c)));
	json_object_set_new(object, "laboratory_code",
			    string(sense_certificate_get_laboratory_code(c)));
	json_object_set_new(object, "laboratory_contact", contact(laboratory, language));
	json_object_set_new(object, "customer",
			    contact(sense_certificate_get_customer(c), language));
	json_object_set_new(object, "persons", persons(c, language));
	json_object_set_new(object, "statements", statements);
	json_object_set_new(object, "conditions", conditions(c, language));
	json_object_set_new(object, "methods", methods(c, language));
	json_object_set_new(object, "software", software(c, language));
	json_object_set_new(object, "equipment", equipment(c, language));
	json_object_set_new(object, "references", references(c, language));
	json_object_set_new(object, "files", files(c));
	json_object_set_new(object, "notes", notes(c));
	return object;
}
