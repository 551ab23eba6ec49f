CREATE TABLE "meta" ("name" TEXT COLLATE "C" NOT NULL, "value" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("name"))
--;
CREATE TABLE "lane" ("lane" BIGINT NOT NULL, "position" BIGINT NOT NULL, "head" BYTEA NOT NULL, "state_version" BIGINT NOT NULL, "recorded" BIGINT NOT NULL, "streams" BIGINT NOT NULL, PRIMARY KEY ("lane"))
--;
CREATE TABLE "id_block" ("name" TEXT COLLATE "C" NOT NULL, "next" BIGINT NOT NULL, PRIMARY KEY ("name"))
--;
CREATE TABLE "definition" ("digest" TEXT COLLATE "C" NOT NULL, "content" BYTEA NOT NULL, PRIMARY KEY ("digest"))
--;
CREATE TABLE "journal" ("lane" BIGINT NOT NULL, "position" BIGINT NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "actor" BIGINT NOT NULL, "at" BIGINT NOT NULL, "recorded_at" BIGINT NOT NULL, "cause" TEXT COLLATE "C" NOT NULL, "body" BYTEA NOT NULL, "previous" BYTEA NOT NULL, "hash" BYTEA NOT NULL, PRIMARY KEY ("lane", "position"))
--;
CREATE TABLE "journal_subject" ("lane" BIGINT NOT NULL, "noun" TEXT COLLATE "C" NOT NULL, "id" BIGINT NOT NULL, "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("lane", "noun", "id", "position"))
--;
CREATE TABLE "journal_range" ("lane" BIGINT NOT NULL, "noun" TEXT COLLATE "C" NOT NULL, "last" BIGINT NOT NULL, "first" BIGINT NOT NULL, "position" BIGINT NOT NULL, PRIMARY KEY ("lane", "noun", "last", "position"))
--;
CREATE TABLE "idempotency" ("lane" BIGINT NOT NULL, "key" TEXT COLLATE "C" NOT NULL, "digest" TEXT COLLATE "C" NOT NULL, "position" BIGINT NOT NULL, "response" BYTEA NOT NULL, "recorded_at" BIGINT NOT NULL, PRIMARY KEY ("lane", "key"))
--;
CREATE TABLE "subscriber" ("lane" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "value" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "name"))
--;
CREATE TABLE "rule_mark" ("lane" BIGINT NOT NULL, "rule" TEXT COLLATE "C" NOT NULL, "thing" BIGINT NOT NULL, "holding_since" BIGINT, "clear_since" BIGINT, "warning" BIGINT, "memory" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "rule", "thing"))
--;
CREATE TABLE "numbering" ("lane" BIGINT NOT NULL, "counter" TEXT COLLATE "C" NOT NULL, "last" BIGINT NOT NULL, PRIMARY KEY ("lane", "counter"))
--;
CREATE TABLE "counter" ("lane" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "key" TEXT COLLATE "C" NOT NULL, "value" BIGINT NOT NULL, PRIMARY KEY ("lane", "name", "key"))
--;
CREATE TABLE "lease" ("lane" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "owner" BIGINT NOT NULL, "until" BIGINT NOT NULL, PRIMARY KEY ("lane", "name"))
--;
CREATE TABLE "erasure" ("lane" BIGINT NOT NULL, "party" BIGINT NOT NULL, "position" BIGINT NOT NULL, "done" BIGINT NOT NULL, PRIMARY KEY ("lane", "party"))
--;
CREATE TABLE "case_scope" ("lane" BIGINT NOT NULL, "scope" BIGINT NOT NULL, "id" BIGINT NOT NULL, "procedure" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "opened" BIGINT NOT NULL, PRIMARY KEY ("lane", "scope", "id"))
--;
CREATE TABLE "warning_scope" ("lane" BIGINT NOT NULL, "scope" BIGINT NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "raised" BIGINT NOT NULL, "id" BIGINT NOT NULL, PRIMARY KEY ("lane", "scope", "id"))
--;
CREATE INDEX "case_scope_by_scope_state_opened_id" ON "case_scope" ("lane", "scope", "state", "opened", "id")
--;
CREATE INDEX "case_scope_by_scope_opened_id" ON "case_scope" ("lane", "scope", "opened", "id")
--;
CREATE INDEX "warning_scope_by_scope_state_raised_id" ON "warning_scope" ("lane", "scope", "state", "raised", "id")
--;
CREATE INDEX "warning_scope_by_scope_raised_id" ON "warning_scope" ("lane", "scope", "raised", "id")
--;
CREATE INDEX "erasure_by_done" ON "erasure" ("done")
--;
CREATE TABLE "place" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "tree" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "parent" BIGINT, "members_of" TEXT COLLATE "C" NOT NULL, "geometry" BYTEA, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "place_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "tree" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "parent" BIGINT, "members_of" TEXT COLLATE "C" NOT NULL, "geometry" BYTEA, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "place_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "tree", "code", "name", "parent", "members_of", "geometry", "west", "south", "east", "north", NULL::bigint AS row_until FROM "place" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "tree", "code", "name", "parent", "members_of", "geometry", "west", "south", "east", "north", row_until FROM "place_versions"
--;
CREATE INDEX "place_by_tree_code_id" ON "place" ("lane", "tree", "code", "id")
--;
CREATE INDEX "place_by_parent_id" ON "place" ("lane", "parent", "id")
--;
CREATE INDEX "place_box" ON "place" USING gist ((box(point(west, south), point(east, north))))
--;
CREATE TABLE "place_words" (lane BIGINT NOT NULL, id BIGINT NOT NULL, words TEXT[] NOT NULL, PRIMARY KEY (lane, id))
--;
CREATE INDEX "place_words_by_word" ON "place_words" USING gin (words)
--;
CREATE TABLE "thing" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "type" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "component_class" TEXT COLLATE "C", "place" BIGINT, "geometry" BYTEA, "properties" TEXT COLLATE "C" NOT NULL, "links" TEXT COLLATE "C" NOT NULL, "owner" BIGINT, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "thing_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "type" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "component_class" TEXT COLLATE "C", "place" BIGINT, "geometry" BYTEA, "properties" TEXT COLLATE "C" NOT NULL, "links" TEXT COLLATE "C" NOT NULL, "owner" BIGINT, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "thing_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "type", "code", "name", "component_class", "place", "geometry", "properties", "links", "owner", "west", "south", "east", "north", NULL::bigint AS row_until FROM "thing" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "type", "code", "name", "component_class", "place", "geometry", "properties", "links", "owner", "west", "south", "east", "north", row_until FROM "thing_versions"
--;
CREATE INDEX "thing_by_type_id" ON "thing" ("lane", "type", "id")
--;
CREATE INDEX "thing_by_code_id" ON "thing" ("lane", "code", "id")
--;
CREATE INDEX "thing_by_place_id" ON "thing" ("lane", "place", "id")
--;
CREATE INDEX "thing_by_component_class_id" ON "thing" ("lane", "component_class", "id")
--;
CREATE INDEX IF NOT EXISTS "thing_of_name_text" ON "thing" (lane, (CASE WHEN jsonb_typeof(("name")::jsonb #> '{zh}'::text[]) = 'string' THEN ((("name")::jsonb #> '{zh}'::text[]) #>> '{}') COLLATE "C" END), id)
--;
CREATE INDEX "thing_box" ON "thing" USING gist ((box(point(west, south), point(east, north))))
--;
CREATE TABLE "thing_words" (lane BIGINT NOT NULL, id BIGINT NOT NULL, words TEXT[] NOT NULL, PRIMARY KEY (lane, id))
--;
CREATE INDEX "thing_words_by_word" ON "thing_words" USING gin (words)
--;
CREATE TABLE "location" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "encoding" TEXT COLLATE "C" NOT NULL, "geometry" BYTEA, "things" TEXT COLLATE "C" NOT NULL, "since" BIGINT, "properties" TEXT COLLATE "C" NOT NULL, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "location_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "encoding" TEXT COLLATE "C" NOT NULL, "geometry" BYTEA, "things" TEXT COLLATE "C" NOT NULL, "since" BIGINT, "properties" TEXT COLLATE "C" NOT NULL, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "location_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "things", "since", "properties", "west", "south", "east", "north", NULL::bigint AS row_until FROM "location" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "things", "since", "properties", "west", "south", "east", "north", row_until FROM "location_versions"
--;
CREATE INDEX "location_box" ON "location" USING gist ((box(point(west, south), point(east, north))))
--;
CREATE TABLE "sensor" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "encoding" TEXT COLLATE "C" NOT NULL, "metadata" TEXT COLLATE "C" NOT NULL, "properties" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "sensor_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "encoding" TEXT COLLATE "C" NOT NULL, "metadata" TEXT COLLATE "C" NOT NULL, "properties" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "sensor_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "metadata", "properties", NULL::bigint AS row_until FROM "sensor" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "metadata", "properties", row_until FROM "sensor_versions"
--;
CREATE TABLE "observed_property" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "definition" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "properties" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "observed_property_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "definition" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "properties" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "observed_property_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "definition", "description", "code", "properties", NULL::bigint AS row_until FROM "observed_property" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "definition", "description", "code", "properties", row_until FROM "observed_property_versions"
--;
CREATE INDEX "observed_property_by_code_id" ON "observed_property" ("lane", "code", "id")
--;
CREATE TABLE "datastream" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "thing" BIGINT NOT NULL, "sensor" BIGINT NOT NULL, "observed_property" BIGINT NOT NULL, "property_code" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "observation_type" TEXT COLLATE "C" NOT NULL, "result_kind" TEXT COLLATE "C" NOT NULL, "unit" TEXT COLLATE "C" NOT NULL, "unit_name" TEXT COLLATE "C" NOT NULL, "unit_definition" TEXT COLLATE "C" NOT NULL, "low" DOUBLE PRECISION, "high" DOUBLE PRECISION, "interval" BIGINT, "same_time" TEXT COLLATE "C" NOT NULL, "properties" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "datastream_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "thing" BIGINT NOT NULL, "sensor" BIGINT NOT NULL, "observed_property" BIGINT NOT NULL, "property_code" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "observation_type" TEXT COLLATE "C" NOT NULL, "result_kind" TEXT COLLATE "C" NOT NULL, "unit" TEXT COLLATE "C" NOT NULL, "unit_name" TEXT COLLATE "C" NOT NULL, "unit_definition" TEXT COLLATE "C" NOT NULL, "low" DOUBLE PRECISION, "high" DOUBLE PRECISION, "interval" BIGINT, "same_time" TEXT COLLATE "C" NOT NULL, "properties" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "datastream_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "thing", "sensor", "observed_property", "property_code", "description", "observation_type", "result_kind", "unit", "unit_name", "unit_definition", "low", "high", "interval", "same_time", "properties", NULL::bigint AS row_until FROM "datastream" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "thing", "sensor", "observed_property", "property_code", "description", "observation_type", "result_kind", "unit", "unit_name", "unit_definition", "low", "high", "interval", "same_time", "properties", row_until FROM "datastream_versions"
--;
CREATE INDEX "datastream_by_name_id" ON "datastream" ("lane", "name", "id")
--;
CREATE INDEX "datastream_by_thing_id" ON "datastream" ("lane", "thing", "id")
--;
CREATE INDEX "datastream_by_property_code_id" ON "datastream" ("lane", "property_code", "id")
--;
CREATE INDEX "datastream_by_observed_property_id" ON "datastream" ("lane", "observed_property", "id")
--;
CREATE INDEX "datastream_by_sensor_id" ON "datastream" ("lane", "sensor", "id")
--;
CREATE TABLE "feature" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "encoding" TEXT COLLATE "C" NOT NULL, "geometry" BYTEA, "properties" TEXT COLLATE "C" NOT NULL, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "feature_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "description" TEXT COLLATE "C" NOT NULL, "encoding" TEXT COLLATE "C" NOT NULL, "geometry" BYTEA, "properties" TEXT COLLATE "C" NOT NULL, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "feature_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "properties", "west", "south", "east", "north", NULL::bigint AS row_until FROM "feature" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "properties", "west", "south", "east", "north", row_until FROM "feature_versions"
--;
CREATE INDEX "feature_box" ON "feature" USING gist ((box(point(west, south), point(east, north))))
--;
CREATE TABLE "device" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "protocol" TEXT COLLATE "C" NOT NULL, "address" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "thing" BIGINT, "profile" TEXT COLLATE "C" NOT NULL, "secret" TEXT COLLATE "C" NOT NULL, "channels" TEXT COLLATE "C" NOT NULL, "options" TEXT COLLATE "C" NOT NULL, "first_seen" BIGINT, "note" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "device_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "protocol" TEXT COLLATE "C" NOT NULL, "address" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "thing" BIGINT, "profile" TEXT COLLATE "C" NOT NULL, "secret" TEXT COLLATE "C" NOT NULL, "channels" TEXT COLLATE "C" NOT NULL, "options" TEXT COLLATE "C" NOT NULL, "first_seen" BIGINT, "note" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "device_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "protocol", "address", "state", "name", "thing", "profile", "secret", "channels", "options", "first_seen", "note", NULL::bigint AS row_until FROM "device" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "protocol", "address", "state", "name", "thing", "profile", "secret", "channels", "options", "first_seen", "note", row_until FROM "device_versions"
--;
CREATE INDEX "device_by_state_id" ON "device" ("lane", "state", "id")
--;
CREATE INDEX "device_by_thing_id" ON "device" ("lane", "thing", "id")
--;
CREATE UNIQUE INDEX "device_of_protocol_address" ON "device" ("lane", "protocol", "address") WHERE retired IS NULL
--;
CREATE TABLE "device_words" (lane BIGINT NOT NULL, id BIGINT NOT NULL, words TEXT[] NOT NULL, PRIMARY KEY (lane, id))
--;
CREATE INDEX "device_words_by_word" ON "device_words" USING gin (words)
--;
CREATE TABLE "party" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "kind" TEXT COLLATE "C" NOT NULL, "subject" BIGINT NOT NULL, "label" TEXT COLLATE "C", "code" TEXT COLLATE "C" NOT NULL, "parent" BIGINT, "side" TEXT COLLATE "C" NOT NULL, "person_name" BYTEA, "id_number" BYTEA, "phone" BYTEA, "email" BYTEA, "address" BYTEA, "facts" TEXT COLLATE "C" NOT NULL, "erased" BIGINT, "id_number_hash" BYTEA, "phone_hash" BYTEA, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "party_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "kind" TEXT COLLATE "C" NOT NULL, "subject" BIGINT NOT NULL, "label" TEXT COLLATE "C", "code" TEXT COLLATE "C" NOT NULL, "parent" BIGINT, "side" TEXT COLLATE "C" NOT NULL, "person_name" BYTEA, "id_number" BYTEA, "phone" BYTEA, "email" BYTEA, "address" BYTEA, "facts" TEXT COLLATE "C" NOT NULL, "erased" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "party_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "subject", "label", "code", "parent", "side", "person_name", "id_number", "phone", "email", "address", "facts", "erased", NULL::bigint AS row_until FROM "party" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "subject", "label", "code", "parent", "side", "person_name", "id_number", "phone", "email", "address", "facts", "erased", row_until FROM "party_versions"
--;
CREATE INDEX "party_by_kind_code_id" ON "party" ("lane", "kind", "code", "id")
--;
CREATE INDEX "party_by_parent_id" ON "party" ("lane", "parent", "id")
--;
CREATE INDEX "party_by_id_number_hash_id" ON "party" ("lane", "id_number_hash", "id")
--;
CREATE INDEX "party_by_phone_hash_id" ON "party" ("lane", "phone_hash", "id")
--;
CREATE INDEX "party_by_subject_id" ON "party" ("lane", "subject", "id")
--;
CREATE TABLE "account" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "subject" BIGINT NOT NULL, "login" BYTEA, "password_hash" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "language" TEXT COLLATE "C" NOT NULL, "disabled" BIGINT, "simulated" BIGINT NOT NULL, "login_hash" BYTEA, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "account_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "subject" BIGINT NOT NULL, "login" BYTEA, "password_hash" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "language" TEXT COLLATE "C" NOT NULL, "disabled" BIGINT, "simulated" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "account_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "login", "password_hash", "organisation", "language", "disabled", "simulated", NULL::bigint AS row_until FROM "account" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "login", "password_hash", "organisation", "language", "disabled", "simulated", row_until FROM "account_versions"
--;
CREATE INDEX "account_by_login_hash_id" ON "account" ("lane", "login_hash", "id")
--;
CREATE INDEX "account_by_subject_id" ON "account" ("lane", "subject", "id")
--;
CREATE INDEX "account_by_organisation_id" ON "account" ("lane", "organisation", "id")
--;
CREATE TABLE "role" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "account" BIGINT NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "organisation" BIGINT, "since" BIGINT NOT NULL, "until" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "role_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "account" BIGINT NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "organisation" BIGINT, "since" BIGINT NOT NULL, "until" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "role_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "role", "place", "organisation", "since", "until", NULL::bigint AS row_until FROM "role" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "role", "place", "organisation", "since", "until", row_until FROM "role_versions"
--;
CREATE INDEX "role_by_account_id" ON "role" ("lane", "account", "id")
--;
CREATE INDEX "role_by_role_id" ON "role" ("lane", "role", "id")
--;
CREATE TABLE "consent" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "subject" BIGINT NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "notice_version" TEXT COLLATE "C" NOT NULL, "channel" TEXT COLLATE "C" NOT NULL, "given" BIGINT NOT NULL, "withdrawn" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "consent_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "subject" BIGINT NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "notice_version" TEXT COLLATE "C" NOT NULL, "channel" TEXT COLLATE "C" NOT NULL, "given" BIGINT NOT NULL, "withdrawn" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "consent_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "purpose", "notice_version", "channel", "given", "withdrawn", NULL::bigint AS row_until FROM "consent" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "purpose", "notice_version", "channel", "given", "withdrawn", row_until FROM "consent_versions"
--;
CREATE INDEX "consent_by_subject_id" ON "consent" ("lane", "subject", "id")
--;
CREATE TABLE "receipt" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "reader" BIGINT NOT NULL, "subjects" TEXT COLLATE "C" NOT NULL, "fields" TEXT COLLATE "C" NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "receipt_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "reader" BIGINT NOT NULL, "subjects" TEXT COLLATE "C" NOT NULL, "fields" TEXT COLLATE "C" NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "receipt_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "reader", "subjects", "fields", "purpose", "at", NULL::bigint AS row_until FROM "receipt" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "reader", "subjects", "fields", "purpose", "at", row_until FROM "receipt_versions"
--;
CREATE INDEX "receipt_by_reader_id" ON "receipt" ("lane", "reader", "id")
--;
CREATE TABLE "delegation" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "giver" BIGINT NOT NULL, "taker" BIGINT NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "delegation_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "giver" BIGINT NOT NULL, "taker" BIGINT NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "delegation_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "giver", "taker", "role", "since", "until", NULL::bigint AS row_until FROM "delegation" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "giver", "taker", "role", "since", "until", row_until FROM "delegation_versions"
--;
CREATE INDEX "delegation_by_taker_id" ON "delegation" ("lane", "taker", "id")
--;
CREATE TABLE "responsibility" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "kind" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "area" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT NOT NULL, "basis" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "case" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "responsibility_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "kind" TEXT COLLATE "C" NOT NULL, "code" TEXT COLLATE "C" NOT NULL, "area" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT NOT NULL, "basis" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "case" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "responsibility_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "code", "area", "organisation", "basis", "since", "until", "case", NULL::bigint AS row_until FROM "responsibility" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "code", "area", "organisation", "basis", "since", "until", "case", row_until FROM "responsibility_versions"
--;
CREATE INDEX "responsibility_by_kind_code_id" ON "responsibility" ("lane", "kind", "code", "id")
--;
CREATE INDEX "responsibility_by_organisation_id" ON "responsibility" ("lane", "organisation", "id")
--;
CREATE TABLE "case" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "number" TEXT COLLATE "C" NOT NULL, "procedure" TEXT COLLATE "C" NOT NULL, "definition" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "category" TEXT COLLATE "C" NOT NULL, "title" TEXT COLLATE "C" NOT NULL, "text" TEXT COLLATE "C" NOT NULL, "source" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "position" BYTEA, "position_text" TEXT COLLATE "C" NOT NULL, "thing" BIGINT, "subject" BIGINT, "contact" BYTEA, "original" BYTEA, "confidential" BIGINT NOT NULL, "opened" BIGINT NOT NULL, "opened_by" BIGINT NOT NULL, "filed" BIGINT, "fed_back" BIGINT, "closed" BIGINT, "ending" TEXT COLLATE "C" NOT NULL, "cause" TEXT COLLATE "C" NOT NULL, "joined_to" BIGINT, "parent" BIGINT, "external" TEXT COLLATE "C" NOT NULL, "warnings" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "holder" BIGINT, "urgency" TEXT COLLATE "C" NOT NULL, "clocks" TEXT COLLATE "C" NOT NULL, "next_due" BIGINT, "late_from" BIGINT, "deeds" TEXT COLLATE "C" NOT NULL, "rounds" BIGINT NOT NULL, "returns" BIGINT NOT NULL, "extensions" BIGINT NOT NULL, "suspended" TEXT COLLATE "C" NOT NULL, "scope" TEXT COLLATE "C" NOT NULL, "facts" TEXT COLLATE "C" NOT NULL, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "case_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "number" TEXT COLLATE "C" NOT NULL, "procedure" TEXT COLLATE "C" NOT NULL, "definition" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "category" TEXT COLLATE "C" NOT NULL, "title" TEXT COLLATE "C" NOT NULL, "text" TEXT COLLATE "C" NOT NULL, "source" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "position" BYTEA, "position_text" TEXT COLLATE "C" NOT NULL, "thing" BIGINT, "subject" BIGINT, "contact" BYTEA, "original" BYTEA, "confidential" BIGINT NOT NULL, "opened" BIGINT NOT NULL, "opened_by" BIGINT NOT NULL, "filed" BIGINT, "fed_back" BIGINT, "closed" BIGINT, "ending" TEXT COLLATE "C" NOT NULL, "cause" TEXT COLLATE "C" NOT NULL, "joined_to" BIGINT, "parent" BIGINT, "external" TEXT COLLATE "C" NOT NULL, "warnings" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "holder" BIGINT, "urgency" TEXT COLLATE "C" NOT NULL, "clocks" TEXT COLLATE "C" NOT NULL, "next_due" BIGINT, "late_from" BIGINT, "deeds" TEXT COLLATE "C" NOT NULL, "rounds" BIGINT NOT NULL, "returns" BIGINT NOT NULL, "extensions" BIGINT NOT NULL, "suspended" TEXT COLLATE "C" NOT NULL, "scope" TEXT COLLATE "C" NOT NULL, "facts" TEXT COLLATE "C" NOT NULL, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "case_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "number", "procedure", "definition", "state", "category", "title", "text", "source", "place", "position", "position_text", "thing", "subject", "contact", "original", "confidential", "opened", "opened_by", "filed", "fed_back", "closed", "ending", "cause", "joined_to", "parent", "external", "warnings", "organisation", "holder", "urgency", "clocks", "next_due", "late_from", "deeds", "rounds", "returns", "extensions", "suspended", "scope", "facts", "west", "south", "east", "north", NULL::bigint AS row_until FROM "case" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "number", "procedure", "definition", "state", "category", "title", "text", "source", "place", "position", "position_text", "thing", "subject", "contact", "original", "confidential", "opened", "opened_by", "filed", "fed_back", "closed", "ending", "cause", "joined_to", "parent", "external", "warnings", "organisation", "holder", "urgency", "clocks", "next_due", "late_from", "deeds", "rounds", "returns", "extensions", "suspended", "scope", "facts", "west", "south", "east", "north", row_until FROM "case_versions"
--;
CREATE INDEX "case_by_opened_id" ON "case" ("lane", "opened", "id")
--;
CREATE INDEX "case_by_closed_id" ON "case" ("lane", "closed", "id") WHERE "closed" IS NOT NULL
--;
CREATE INDEX "case_by_next_due_id" ON "case" ("lane", "next_due", "id") WHERE "next_due" IS NOT NULL
--;
CREATE INDEX "case_by_late_from_id" ON "case" ("lane", "late_from", "id") WHERE "late_from" IS NOT NULL
--;
CREATE INDEX "case_by_number_id" ON "case" ("lane", "number", "id")
--;
CREATE INDEX "case_by_cause_id" ON "case" ("lane", "cause", "id")
--;
CREATE INDEX "case_by_thing_id" ON "case" ("lane", "thing", "id") WHERE "thing" IS NOT NULL
--;
CREATE INDEX "case_by_organisation_state_id" ON "case" ("lane", "organisation", "state", "id")
--;
CREATE INDEX "case_by_place_id" ON "case" ("lane", "place", "id")
--;
CREATE INDEX "case_by_subject_id" ON "case" ("lane", "subject", "id") WHERE "subject" IS NOT NULL
--;
CREATE INDEX "case_by_joined_to_id" ON "case" ("lane", "joined_to", "id") WHERE "joined_to" IS NOT NULL
--;
CREATE INDEX "case_by_parent_id" ON "case" ("lane", "parent", "id") WHERE "parent" IS NOT NULL
--;
CREATE INDEX "case_by_external_id" ON "case" ("lane", "external", "id")
--;
CREATE INDEX "case_by_holder_id" ON "case" ("lane", "holder", "id") WHERE "holder" IS NOT NULL
--;
CREATE INDEX "case_by_source_id" ON "case" ("lane", "source", "id")
--;
CREATE INDEX IF NOT EXISTS "case_of_category_code_text" ON "case" (lane, (CASE WHEN jsonb_typeof(("category")::jsonb #> '{code}'::text[]) = 'string' THEN ((("category")::jsonb #> '{code}'::text[]) #>> '{}') COLLATE "C" END), id)
--;
CREATE INDEX "case_box" ON "case" USING gist ((box(point(west, south), point(east, north))))
--;
CREATE TABLE "case_words" (lane BIGINT NOT NULL, id BIGINT NOT NULL, words TEXT[] NOT NULL, PRIMARY KEY (lane, id))
--;
CREATE INDEX "case_words_by_word" ON "case_words" USING gin (words)
--;
CREATE TABLE "task" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "account" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "due" BIGINT, "done" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "task_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "account" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "due" BIGINT, "done" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "task_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "name", "organisation", "account", "state", "due", "done", NULL::bigint AS row_until FROM "task" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "name", "organisation", "account", "state", "due", "done", row_until FROM "task_versions"
--;
CREATE INDEX "task_by_case_id" ON "task" ("lane", "case", "id")
--;
CREATE INDEX "task_by_state_due_id" ON "task" ("lane", "state", "due", "id")
--;
CREATE TABLE "warning" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "rule" TEXT COLLATE "C" NOT NULL, "rule_version" TEXT COLLATE "C" NOT NULL, "thing" BIGINT NOT NULL, "place" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "colour" TEXT COLLATE "C" NOT NULL, "title" TEXT COLLATE "C" NOT NULL, "explanation" TEXT COLLATE "C" NOT NULL, "cause" TEXT COLLATE "C" NOT NULL, "began" BIGINT NOT NULL, "raised" BIGINT NOT NULL, "seen" BIGINT NOT NULL, "cleared" BIGINT, "ended" TEXT COLLATE "C" NOT NULL, "revised" BIGINT, "peak" DOUBLE PRECISION, "evidence" TEXT COLLATE "C" NOT NULL, "clearing" TEXT COLLATE "C" NOT NULL, "case" BIGINT, "joined_to" BIGINT, "judged_by" BIGINT, "judged_at" BIGINT, "judged_reason" TEXT COLLATE "C" NOT NULL, "scope" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "warning_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "rule" TEXT COLLATE "C" NOT NULL, "rule_version" TEXT COLLATE "C" NOT NULL, "thing" BIGINT NOT NULL, "place" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "colour" TEXT COLLATE "C" NOT NULL, "title" TEXT COLLATE "C" NOT NULL, "explanation" TEXT COLLATE "C" NOT NULL, "cause" TEXT COLLATE "C" NOT NULL, "began" BIGINT NOT NULL, "raised" BIGINT NOT NULL, "seen" BIGINT NOT NULL, "cleared" BIGINT, "ended" TEXT COLLATE "C" NOT NULL, "revised" BIGINT, "peak" DOUBLE PRECISION, "evidence" TEXT COLLATE "C" NOT NULL, "clearing" TEXT COLLATE "C" NOT NULL, "case" BIGINT, "joined_to" BIGINT, "judged_by" BIGINT, "judged_at" BIGINT, "judged_reason" TEXT COLLATE "C" NOT NULL, "scope" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "warning_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "rule", "rule_version", "thing", "place", "state", "colour", "title", "explanation", "cause", "began", "raised", "seen", "cleared", "ended", "revised", "peak", "evidence", "clearing", "case", "joined_to", "judged_by", "judged_at", "judged_reason", "scope", NULL::bigint AS row_until FROM "warning" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "rule", "rule_version", "thing", "place", "state", "colour", "title", "explanation", "cause", "began", "raised", "seen", "cleared", "ended", "revised", "peak", "evidence", "clearing", "case", "joined_to", "judged_by", "judged_at", "judged_reason", "scope", row_until FROM "warning_versions"
--;
CREATE INDEX "warning_by_state_raised_id" ON "warning" ("lane", "state", "raised", "id")
--;
CREATE INDEX "warning_by_rule_raised_id" ON "warning" ("lane", "rule", "raised", "id")
--;
CREATE INDEX "warning_by_rule_thing_id" ON "warning" ("lane", "rule", "thing", "id")
--;
CREATE INDEX "warning_by_cause_id" ON "warning" ("lane", "cause", "id")
--;
CREATE INDEX "warning_by_case_id" ON "warning" ("lane", "case", "id")
--;
CREATE INDEX "warning_by_raised_id" ON "warning" ("lane", "raised", "id")
--;
CREATE INDEX "warning_by_thing_id" ON "warning" ("lane", "thing", "id")
--;
CREATE TABLE "message" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT, "to" BIGINT NOT NULL, "channel" TEXT COLLATE "C" NOT NULL, "subject" BIGINT, "kind" TEXT COLLATE "C" NOT NULL, "text" BYTEA, "state" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "attempts" BIGINT NOT NULL, "next_try" BIGINT, "sent" BIGINT, "read" BIGINT, "error" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "message_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT, "to" BIGINT NOT NULL, "channel" TEXT COLLATE "C" NOT NULL, "subject" BIGINT, "kind" TEXT COLLATE "C" NOT NULL, "text" BYTEA, "state" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "attempts" BIGINT NOT NULL, "next_try" BIGINT, "sent" BIGINT, "read" BIGINT, "error" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "message_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "to", "channel", "subject", "kind", "text", "state", "at", "attempts", "next_try", "sent", "read", "error", NULL::bigint AS row_until FROM "message" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "to", "channel", "subject", "kind", "text", "state", "at", "attempts", "next_try", "sent", "read", "error", row_until FROM "message_versions"
--;
CREATE INDEX "message_by_case_id" ON "message" ("lane", "case", "id")
--;
CREATE INDEX "message_by_state_next_try_id" ON "message" ("lane", "state", "next_try", "id")
--;
CREATE INDEX "message_by_to_at_id" ON "message" ("lane", "to", "at", "id")
--;
CREATE INDEX "message_by_subject_id" ON "message" ("lane", "subject", "id")
--;
CREATE TABLE "file" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT, "stage" TEXT COLLATE "C" NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "same_angle_as" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "media_type" TEXT COLLATE "C" NOT NULL, "size" BIGINT NOT NULL, "digest" TEXT COLLATE "C" NOT NULL, "subject" BIGINT, "taken" BIGINT, "position" BYTEA, "by" BIGINT, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "file_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT, "stage" TEXT COLLATE "C" NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "same_angle_as" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "media_type" TEXT COLLATE "C" NOT NULL, "size" BIGINT NOT NULL, "digest" TEXT COLLATE "C" NOT NULL, "subject" BIGINT, "taken" BIGINT, "position" BYTEA, "by" BIGINT, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "file_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "stage", "role", "same_angle_as", "name", "media_type", "size", "digest", "subject", "taken", "position", "by", "west", "south", "east", "north", NULL::bigint AS row_until FROM "file" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "stage", "role", "same_angle_as", "name", "media_type", "size", "digest", "subject", "taken", "position", "by", "west", "south", "east", "north", row_until FROM "file_versions"
--;
CREATE INDEX "file_by_case_id" ON "file" ("lane", "case", "id")
--;
CREATE INDEX "file_by_digest_id" ON "file" ("lane", "digest", "id")
--;
CREATE INDEX "file_by_subject_id" ON "file" ("lane", "subject", "id")
--;
CREATE INDEX "file_box" ON "file" USING gist ((box(point(west, south), point(east, north))))
--;
CREATE TABLE "document" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "number" TEXT COLLATE "C" NOT NULL, "file" BIGINT, "issued" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "document_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "number" TEXT COLLATE "C" NOT NULL, "file" BIGINT, "issued" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "document_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "kind", "number", "file", "issued", NULL::bigint AS row_until FROM "document" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "kind", "number", "file", "issued", row_until FROM "document_versions"
--;
CREATE INDEX "document_by_case_id" ON "document" ("lane", "case", "id")
--;
CREATE TABLE "payment" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "amount" BIGINT NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "reference" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "payment_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "amount" BIGINT NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "reference" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "payment_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "amount", "state", "reference", NULL::bigint AS row_until FROM "payment" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "amount", "state", "reference", row_until FROM "payment_versions"
--;
CREATE INDEX "payment_by_case_id" ON "payment" ("lane", "case", "id")
--;
CREATE TABLE "household" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "address" BYTEA, "position" BYTEA, "visited" BIGINT, "visitor" BIGINT, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "address_hash" BYTEA, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "household_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "address" BYTEA, "position" BYTEA, "visited" BIGINT, "visitor" BIGINT, "west" DOUBLE PRECISION, "south" DOUBLE PRECISION, "east" DOUBLE PRECISION, "north" DOUBLE PRECISION, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "household_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "place", "address", "position", "visited", "visitor", "west", "south", "east", "north", NULL::bigint AS row_until FROM "household" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "place", "address", "position", "visited", "visitor", "west", "south", "east", "north", row_until FROM "household_versions"
--;
CREATE INDEX "household_by_place_code_id" ON "household" ("lane", "place", "code", "id")
--;
CREATE INDEX "household_by_code_id" ON "household" ("lane", "code", "id")
--;
CREATE INDEX "household_by_address_hash_id" ON "household" ("lane", "address_hash", "id")
--;
CREATE INDEX "household_by_visited_id" ON "household" ("lane", "visited", "id")
--;
CREATE INDEX "household_box" ON "household" USING gist ((box(point(west, south), point(east, north))))
--;
CREATE TABLE "register_entry" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "register" TEXT COLLATE "C" NOT NULL, "household" BIGINT, "subject" BIGINT, "place" BIGINT, "name" BYTEA, "values" TEXT COLLATE "C" NOT NULL, "personal" BYTEA, "visit" BIGINT, "name_hash" BYTEA, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "register_entry_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "register" TEXT COLLATE "C" NOT NULL, "household" BIGINT, "subject" BIGINT, "place" BIGINT, "name" BYTEA, "values" TEXT COLLATE "C" NOT NULL, "personal" BYTEA, "visit" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "register_entry_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "register", "household", "subject", "place", "name", "values", "personal", "visit", NULL::bigint AS row_until FROM "register_entry" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "register", "household", "subject", "place", "name", "values", "personal", "visit", row_until FROM "register_entry_versions"
--;
CREATE INDEX "register_entry_by_register_place_id" ON "register_entry" ("lane", "register", "place", "id")
--;
CREATE INDEX "register_entry_by_household_id" ON "register_entry" ("lane", "household", "id")
--;
CREATE INDEX "register_entry_by_subject_id" ON "register_entry" ("lane", "subject", "id")
--;
CREATE INDEX "register_entry_by_name_hash_id" ON "register_entry" ("lane", "name_hash", "id")
--;
CREATE TABLE "visit" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "household" BIGINT NOT NULL, "place" BIGINT, "account" BIGINT NOT NULL, "at" BIGINT NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "note" BYTEA, "filled" TEXT COLLATE "C" NOT NULL, "device" TEXT COLLATE "C" NOT NULL, "case" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "visit_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "household" BIGINT NOT NULL, "place" BIGINT, "account" BIGINT NOT NULL, "at" BIGINT NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "note" BYTEA, "filled" TEXT COLLATE "C" NOT NULL, "device" TEXT COLLATE "C" NOT NULL, "case" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "visit_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "household", "place", "account", "at", "kind", "note", "filled", "device", "case", NULL::bigint AS row_until FROM "visit" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "household", "place", "account", "at", "kind", "note", "filled", "device", "case", row_until FROM "visit_versions"
--;
CREATE INDEX "visit_by_household_at_id" ON "visit" ("lane", "household", "at", "id")
--;
CREATE INDEX "visit_by_account_at_id" ON "visit" ("lane", "account", "at", "id")
--;
CREATE TABLE "service" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT NOT NULL, "published" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "service_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT NOT NULL, "published" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "service_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "organisation", "published", NULL::bigint AS row_until FROM "service" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "organisation", "published", row_until FROM "service_versions"
--;
CREATE INDEX "service_by_code_id" ON "service" ("lane", "code", "id")
--;
CREATE TABLE "service_version" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "service" BIGINT NOT NULL, "edition" BIGINT NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "legal_days" DOUBLE PRECISION NOT NULL, "promised_days" DOUBLE PRECISION NOT NULL, "day_unit" TEXT COLLATE "C" NOT NULL, "procedure" TEXT COLLATE "C" NOT NULL, "elements" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "service_version_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "service" BIGINT NOT NULL, "edition" BIGINT NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "legal_days" DOUBLE PRECISION NOT NULL, "promised_days" DOUBLE PRECISION NOT NULL, "day_unit" TEXT COLLATE "C" NOT NULL, "procedure" TEXT COLLATE "C" NOT NULL, "elements" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "service_version_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service", "edition", "since", "until", "legal_days", "promised_days", "day_unit", "procedure", "elements", NULL::bigint AS row_until FROM "service_version" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service", "edition", "since", "until", "legal_days", "promised_days", "day_unit", "procedure", "elements", row_until FROM "service_version_versions"
--;
CREATE INDEX "service_version_by_service_edition_id" ON "service_version" ("lane", "service", "edition", "id")
--;
CREATE TABLE "form" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "service_version" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "schema" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "form_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "service_version" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "schema" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "form_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "schema", NULL::bigint AS row_until FROM "form" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "schema", row_until FROM "form_versions"
--;
CREATE INDEX "form_by_service_version_id" ON "form" ("lane", "service_version", "id")
--;
CREATE TABLE "material" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "service_version" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "necessity" TEXT COLLATE "C" NOT NULL, "source" TEXT COLLATE "C" NOT NULL, "basis" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "material_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "service_version" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "necessity" TEXT COLLATE "C" NOT NULL, "source" TEXT COLLATE "C" NOT NULL, "basis" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "material_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "necessity", "source", "basis", NULL::bigint AS row_until FROM "material" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "necessity", "source", "basis", row_until FROM "material_versions"
--;
CREATE INDEX "material_by_service_version_id" ON "material" ("lane", "service_version", "id")
--;
CREATE TABLE "bundle" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "services" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "bundle_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "services" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "bundle_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "services", NULL::bigint AS row_until FROM "bundle" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "services", row_until FROM "bundle_versions"
--;
CREATE TABLE "dataset" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "provider" BIGINT NOT NULL, "sharing" TEXT COLLATE "C" NOT NULL, "sharing_basis" TEXT COLLATE "C" NOT NULL, "open" TEXT COLLATE "C" NOT NULL, "cadence" TEXT COLLATE "C" NOT NULL, "data_class" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "dataset_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "provider" BIGINT NOT NULL, "sharing" TEXT COLLATE "C" NOT NULL, "sharing_basis" TEXT COLLATE "C" NOT NULL, "open" TEXT COLLATE "C" NOT NULL, "cadence" TEXT COLLATE "C" NOT NULL, "data_class" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "dataset_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "provider", "sharing", "sharing_basis", "open", "cadence", "data_class", NULL::bigint AS row_until FROM "dataset" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "provider", "sharing", "sharing_basis", "open", "cadence", "data_class", row_until FROM "dataset_versions"
--;
CREATE INDEX "dataset_by_code_id" ON "dataset" ("lane", "code", "id")
--;
CREATE TABLE "table" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "dataset" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "fields" TEXT COLLATE "C" NOT NULL, "source" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "table_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "dataset" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "fields" TEXT COLLATE "C" NOT NULL, "source" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "table_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "name", "fields", "source", NULL::bigint AS row_until FROM "table" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "name", "fields", "source", row_until FROM "table_versions"
--;
CREATE INDEX "table_by_dataset_id" ON "table" ("lane", "dataset", "id")
--;
CREATE TABLE "data_request" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "dataset" BIGINT NOT NULL, "asker" BIGINT NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "case" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "data_request_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "dataset" BIGINT NOT NULL, "asker" BIGINT NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "case" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "data_request_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "asker", "purpose", "case", NULL::bigint AS row_until FROM "data_request" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "asker", "purpose", "case", row_until FROM "data_request_versions"
--;
CREATE TABLE "data_grant" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "dataset" BIGINT NOT NULL, "request" BIGINT, "holder" BIGINT NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "data_grant_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "dataset" BIGINT NOT NULL, "request" BIGINT, "holder" BIGINT NOT NULL, "purpose" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "data_grant_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "request", "holder", "purpose", "since", "until", NULL::bigint AS row_until FROM "data_grant" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "request", "holder", "purpose", "since", "until", row_until FROM "data_grant_versions"
--;
CREATE TABLE "indicator" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "unit" TEXT COLLATE "C" NOT NULL, "formula" TEXT COLLATE "C" NOT NULL, "target" DOUBLE PRECISION, "period" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "indicator_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "unit" TEXT COLLATE "C" NOT NULL, "formula" TEXT COLLATE "C" NOT NULL, "target" DOUBLE PRECISION, "period" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "indicator_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "unit", "formula", "target", "period", NULL::bigint AS row_until FROM "indicator" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "unit", "formula", "target", "period", row_until FROM "indicator_versions"
--;
CREATE INDEX "indicator_by_code_id" ON "indicator" ("lane", "code", "id")
--;
CREATE TABLE "indicator_value" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "indicator" BIGINT NOT NULL, "place" BIGINT, "start" BIGINT NOT NULL, "end" BIGINT NOT NULL, "value" DOUBLE PRECISION, "parts" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "indicator_value_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "indicator" BIGINT NOT NULL, "place" BIGINT, "start" BIGINT NOT NULL, "end" BIGINT NOT NULL, "value" DOUBLE PRECISION, "parts" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "indicator_value_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "indicator", "place", "start", "end", "value", "parts", NULL::bigint AS row_until FROM "indicator_value" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "indicator", "place", "start", "end", "value", "parts", row_until FROM "indicator_value_versions"
--;
CREATE INDEX "indicator_value_by_indicator_place_start_id" ON "indicator_value" ("lane", "indicator", "place", "start", "id")
--;
CREATE TABLE "handover" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "desk" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT NOT NULL, "drafted" BIGINT NOT NULL, "content" TEXT COLLATE "C" NOT NULL, "notes" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "given_by" BIGINT, "given_at" BIGINT, "taken_by" BIGINT, "taken_at" BIGINT, "remark" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "handover_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "desk" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT NOT NULL, "drafted" BIGINT NOT NULL, "content" TEXT COLLATE "C" NOT NULL, "notes" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "given_by" BIGINT, "given_at" BIGINT, "taken_by" BIGINT, "taken_at" BIGINT, "remark" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "handover_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "desk", "since", "until", "drafted", "content", "notes", "state", "given_by", "given_at", "taken_by", "taken_at", "remark", NULL::bigint AS row_until FROM "handover" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "desk", "since", "until", "drafted", "content", "notes", "state", "given_by", "given_at", "taken_by", "taken_at", "remark", row_until FROM "handover_versions"
--;
CREATE INDEX "handover_by_desk_until_id" ON "handover" ("lane", "desk", "until", "id")
--;
CREATE INDEX "handover_by_until_id" ON "handover" ("lane", "until", "id")
--;
CREATE TABLE "model" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "digest" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "model_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "digest" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "model_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "digest", NULL::bigint AS row_until FROM "model" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "digest", row_until FROM "model_versions"
--;
CREATE INDEX "model_by_code_id" ON "model" ("lane", "code", "id")
--;
CREATE TABLE "scenario" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "model" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "inputs" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "scenario_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "model" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "inputs" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "scenario_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "name", "inputs", NULL::bigint AS row_until FROM "scenario" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "name", "inputs", row_until FROM "scenario_versions"
--;
CREATE INDEX "scenario_by_model_id" ON "scenario" ("lane", "model", "id")
--;
CREATE TABLE "run" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "model" BIGINT NOT NULL, "scenario" BIGINT, "inputs" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "progress" DOUBLE PRECISION NOT NULL, "doing" TEXT COLLATE "C" NOT NULL, "started" BIGINT, "ended" BIGINT, "result" TEXT COLLATE "C" NOT NULL, "error" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "run_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "model" BIGINT NOT NULL, "scenario" BIGINT, "inputs" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "progress" DOUBLE PRECISION NOT NULL, "doing" TEXT COLLATE "C" NOT NULL, "started" BIGINT, "ended" BIGINT, "result" TEXT COLLATE "C" NOT NULL, "error" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "run_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "scenario", "inputs", "state", "progress", "doing", "started", "ended", "result", "error", NULL::bigint AS row_until FROM "run" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "scenario", "inputs", "state", "progress", "doing", "started", "ended", "result", "error", row_until FROM "run_versions"
--;
CREATE INDEX "run_by_model_state_id" ON "run" ("lane", "model", "state", "id")
--;
CREATE TABLE "proposal" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "plan" TEXT COLLATE "C" NOT NULL, "level" BIGINT NOT NULL, "colour" TEXT COLLATE "C", "reasons" TEXT COLLATE "C" NOT NULL, "warnings" TEXT COLLATE "C" NOT NULL, "taken_up" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "response" BIGINT, "dismissed_by" BIGINT, "dismissed_at" BIGINT, "dismissed_reason" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "proposal_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "plan" TEXT COLLATE "C" NOT NULL, "level" BIGINT NOT NULL, "colour" TEXT COLLATE "C", "reasons" TEXT COLLATE "C" NOT NULL, "warnings" TEXT COLLATE "C" NOT NULL, "taken_up" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "response" BIGINT, "dismissed_by" BIGINT, "dismissed_at" BIGINT, "dismissed_reason" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "proposal_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "level", "colour", "reasons", "warnings", "taken_up", "at", "state", "response", "dismissed_by", "dismissed_at", "dismissed_reason", NULL::bigint AS row_until FROM "proposal" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "level", "colour", "reasons", "warnings", "taken_up", "at", "state", "response", "dismissed_by", "dismissed_at", "dismissed_reason", row_until FROM "proposal_versions"
--;
CREATE INDEX "proposal_by_state_id" ON "proposal" ("lane", "state", "id")
--;
CREATE INDEX "proposal_by_plan_at_id" ON "proposal" ("lane", "plan", "at", "id")
--;
CREATE TABLE "response" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "plan" TEXT COLLATE "C" NOT NULL, "definition" TEXT COLLATE "C" NOT NULL, "case" BIGINT NOT NULL, "event_grade" BIGINT, "colour" TEXT COLLATE "C", "level" BIGINT NOT NULL, "commander" BIGINT NOT NULL, "started" BIGINT NOT NULL, "ended" BIGINT, "end_reason" TEXT COLLATE "C" NOT NULL, "ended_by" BIGINT, "mode" TEXT COLLATE "C" NOT NULL, "proposal" BIGINT, "warnings" TEXT COLLATE "C" NOT NULL, "changes" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "response_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "plan" TEXT COLLATE "C" NOT NULL, "definition" TEXT COLLATE "C" NOT NULL, "case" BIGINT NOT NULL, "event_grade" BIGINT, "colour" TEXT COLLATE "C", "level" BIGINT NOT NULL, "commander" BIGINT NOT NULL, "started" BIGINT NOT NULL, "ended" BIGINT, "end_reason" TEXT COLLATE "C" NOT NULL, "ended_by" BIGINT, "mode" TEXT COLLATE "C" NOT NULL, "proposal" BIGINT, "warnings" TEXT COLLATE "C" NOT NULL, "changes" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "response_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "definition", "case", "event_grade", "colour", "level", "commander", "started", "ended", "end_reason", "ended_by", "mode", "proposal", "warnings", "changes", NULL::bigint AS row_until FROM "response" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "definition", "case", "event_grade", "colour", "level", "commander", "started", "ended", "end_reason", "ended_by", "mode", "proposal", "warnings", "changes", row_until FROM "response_versions"
--;
CREATE INDEX "response_by_plan_id" ON "response" ("lane", "plan", "id")
--;
CREATE INDEX "response_by_ended_id" ON "response" ("lane", "ended", "id")
--;
CREATE INDEX "response_by_case_id" ON "response" ("lane", "case", "id")
--;
CREATE TABLE "calling" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "plan" TEXT COLLATE "C" NOT NULL, "response" BIGINT, "warnings" TEXT COLLATE "C" NOT NULL, "post" TEXT COLLATE "C" NOT NULL, "label" TEXT COLLATE "C" NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "step" BIGINT NOT NULL, "account" BIGINT NOT NULL, "called" BIGINT NOT NULL, "minutes" DOUBLE PRECISION NOT NULL, "due" BIGINT NOT NULL, "next_due" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "confirmed" BIGINT, "confirmed_by" BIGINT, "channel" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "calling_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "plan" TEXT COLLATE "C" NOT NULL, "response" BIGINT, "warnings" TEXT COLLATE "C" NOT NULL, "post" TEXT COLLATE "C" NOT NULL, "label" TEXT COLLATE "C" NOT NULL, "role" TEXT COLLATE "C" NOT NULL, "step" BIGINT NOT NULL, "account" BIGINT NOT NULL, "called" BIGINT NOT NULL, "minutes" DOUBLE PRECISION NOT NULL, "due" BIGINT NOT NULL, "next_due" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "confirmed" BIGINT, "confirmed_by" BIGINT, "channel" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "calling_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "response", "warnings", "post", "label", "role", "step", "account", "called", "minutes", "due", "next_due", "state", "confirmed", "confirmed_by", "channel", NULL::bigint AS row_until FROM "calling" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "response", "warnings", "post", "label", "role", "step", "account", "called", "minutes", "due", "next_due", "state", "confirmed", "confirmed_by", "channel", row_until FROM "calling_versions"
--;
CREATE INDEX "calling_by_next_due_id" ON "calling" ("lane", "next_due", "id")
--;
CREATE INDEX "calling_by_response_id" ON "calling" ("lane", "response", "id")
--;
CREATE INDEX "calling_by_account_state_id" ON "calling" ("lane", "account", "state", "id")
--;
CREATE INDEX "calling_by_plan_called_id" ON "calling" ("lane", "plan", "called", "id")
--;
CREATE TABLE "mode" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "responses" TEXT COLLATE "C" NOT NULL, "roles" TEXT COLLATE "C" NOT NULL, "after" BIGINT NOT NULL, "cases" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "mode_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "responses" TEXT COLLATE "C" NOT NULL, "roles" TEXT COLLATE "C" NOT NULL, "after" BIGINT NOT NULL, "cases" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "mode_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "since", "until", "state", "responses", "roles", "after", "cases", NULL::bigint AS row_until FROM "mode" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "since", "until", "state", "responses", "roles", "after", "cases", row_until FROM "mode_versions"
--;
CREATE INDEX "mode_by_until_id" ON "mode" ("lane", "until", "id")
--;
CREATE INDEX "mode_by_name_since_id" ON "mode" ("lane", "name", "since", "id")
--;
CREATE TABLE "resource" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "amount" DOUBLE PRECISION NOT NULL, "unit" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "place" BIGINT, "reserved" DOUBLE PRECISION NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "resource_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "code" TEXT COLLATE "C" NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "amount" DOUBLE PRECISION NOT NULL, "unit" TEXT COLLATE "C" NOT NULL, "organisation" BIGINT, "place" BIGINT, "reserved" DOUBLE PRECISION NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "resource_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "amount", "unit", "organisation", "place", "reserved", NULL::bigint AS row_until FROM "resource" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "amount", "unit", "organisation", "place", "reserved", row_until FROM "resource_versions"
--;
CREATE INDEX "resource_by_kind_id" ON "resource" ("lane", "kind", "id")
--;
CREATE INDEX "resource_by_code_id" ON "resource" ("lane", "code", "id")
--;
CREATE TABLE "reservation" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "resource" BIGINT NOT NULL, "response" BIGINT NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "amount" DOUBLE PRECISION NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "released_by" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "reservation_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "resource" BIGINT NOT NULL, "response" BIGINT NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "amount" DOUBLE PRECISION NOT NULL, "since" BIGINT NOT NULL, "until" BIGINT, "released_by" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "reservation_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "resource", "response", "kind", "amount", "since", "until", "released_by", NULL::bigint AS row_until FROM "reservation" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "resource", "response", "kind", "amount", "since", "until", "released_by", row_until FROM "reservation_versions"
--;
CREATE INDEX "reservation_by_response_id" ON "reservation" ("lane", "response", "id")
--;
CREATE INDEX "reservation_by_resource_until_id" ON "reservation" ("lane", "resource", "until", "id")
--;
CREATE TABLE "upper_report" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "platform" TEXT COLLATE "C" NOT NULL, "number" TEXT COLLATE "C" NOT NULL, "case" BIGINT, "event" TEXT COLLATE "C" NOT NULL, "key" TEXT COLLATE "C" NOT NULL, "action" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "facts" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "after" BIGINT NOT NULL, "attempts" BIGINT NOT NULL, "sent" BIGINT, "error" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "upper_report_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "platform" TEXT COLLATE "C" NOT NULL, "number" TEXT COLLATE "C" NOT NULL, "case" BIGINT, "event" TEXT COLLATE "C" NOT NULL, "key" TEXT COLLATE "C" NOT NULL, "action" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "facts" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "after" BIGINT NOT NULL, "attempts" BIGINT NOT NULL, "sent" BIGINT, "error" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "upper_report_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "platform", "number", "case", "event", "key", "action", "at", "facts", "state", "after", "attempts", "sent", "error", NULL::bigint AS row_until FROM "upper_report" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "platform", "number", "case", "event", "key", "action", "at", "facts", "state", "after", "attempts", "sent", "error", row_until FROM "upper_report_versions"
--;
CREATE INDEX "upper_report_by_platform_state_id" ON "upper_report" ("lane", "platform", "state", "id")
--;
CREATE INDEX "upper_report_by_case_action_state_id" ON "upper_report" ("lane", "case", "action", "state", "id")
--;
CREATE INDEX "upper_report_by_number_id" ON "upper_report" ("lane", "number", "id")
--;
CREATE TABLE "call" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "direction" TEXT COLLATE "C" NOT NULL, "subject" BIGINT NOT NULL, "number" BYTEA, "state" TEXT COLLATE "C" NOT NULL, "account" BIGINT, "case" BIGINT, "purpose" TEXT COLLATE "C" NOT NULL, "returns" BIGINT, "began" BIGINT NOT NULL, "ended" BIGINT, "number_hash" BYTEA, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "call_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "direction" TEXT COLLATE "C" NOT NULL, "subject" BIGINT NOT NULL, "number" BYTEA, "state" TEXT COLLATE "C" NOT NULL, "account" BIGINT, "case" BIGINT, "purpose" TEXT COLLATE "C" NOT NULL, "returns" BIGINT, "began" BIGINT NOT NULL, "ended" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "call_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "direction", "subject", "number", "state", "account", "case", "purpose", "returns", "began", "ended", NULL::bigint AS row_until FROM "call" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "direction", "subject", "number", "state", "account", "case", "purpose", "returns", "began", "ended", row_until FROM "call_versions"
--;
CREATE INDEX "call_by_number_hash_began_id" ON "call" ("lane", "number_hash", "began", "id")
--;
CREATE INDEX "call_by_state_began_id" ON "call" ("lane", "state", "began", "id")
--;
CREATE INDEX "call_by_account_began_id" ON "call" ("lane", "account", "began", "id")
--;
CREATE INDEX "call_by_case_id" ON "call" ("lane", "case", "id")
--;
CREATE INDEX "call_by_subject_id" ON "call" ("lane", "subject", "id")
--;
CREATE TABLE "article" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "title" TEXT COLLATE "C" NOT NULL, "text" TEXT COLLATE "C" NOT NULL, "keywords" TEXT COLLATE "C" NOT NULL, "category" TEXT COLLATE "C" NOT NULL, "unit" BIGINT, "since" BIGINT NOT NULL, "until" BIGINT, "source" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "edition" BIGINT NOT NULL, "revises" BIGINT, "written_by" BIGINT NOT NULL, "written" BIGINT NOT NULL, "approved_by" BIGINT, "approved" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "article_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "title" TEXT COLLATE "C" NOT NULL, "text" TEXT COLLATE "C" NOT NULL, "keywords" TEXT COLLATE "C" NOT NULL, "category" TEXT COLLATE "C" NOT NULL, "unit" BIGINT, "since" BIGINT NOT NULL, "until" BIGINT, "source" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "edition" BIGINT NOT NULL, "revises" BIGINT, "written_by" BIGINT NOT NULL, "written" BIGINT NOT NULL, "approved_by" BIGINT, "approved" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "article_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "title", "text", "keywords", "category", "unit", "since", "until", "source", "state", "edition", "revises", "written_by", "written", "approved_by", "approved", NULL::bigint AS row_until FROM "article" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "title", "text", "keywords", "category", "unit", "since", "until", "source", "state", "edition", "revises", "written_by", "written", "approved_by", "approved", row_until FROM "article_versions"
--;
CREATE INDEX "article_by_state_category_id" ON "article" ("lane", "state", "category", "id")
--;
CREATE INDEX "article_by_revises_id" ON "article" ("lane", "revises", "id")
--;
CREATE INDEX "article_by_unit_id" ON "article" ("lane", "unit", "id")
--;
CREATE TABLE "article_words" (lane BIGINT NOT NULL, id BIGINT NOT NULL, words TEXT[] NOT NULL, PRIMARY KEY (lane, id))
--;
CREATE INDEX "article_words_by_word" ON "article_words" USING gin (words)
--;
CREATE TABLE "correction" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "article" BIGINT NOT NULL, "text" TEXT COLLATE "C" NOT NULL, "by" BIGINT NOT NULL, "at" BIGINT NOT NULL, "unit" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "answered_by" BIGINT, "answered" BIGINT, "answer" TEXT COLLATE "C" NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "correction_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "article" BIGINT NOT NULL, "text" TEXT COLLATE "C" NOT NULL, "by" BIGINT NOT NULL, "at" BIGINT NOT NULL, "unit" BIGINT, "state" TEXT COLLATE "C" NOT NULL, "answered_by" BIGINT, "answered" BIGINT, "answer" TEXT COLLATE "C" NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "correction_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "article", "text", "by", "at", "unit", "state", "answered_by", "answered", "answer", NULL::bigint AS row_until FROM "correction" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "article", "text", "by", "at", "unit", "state", "answered_by", "answered", "answer", row_until FROM "correction_versions"
--;
CREATE INDEX "correction_by_state_at_id" ON "correction" ("lane", "state", "at", "id")
--;
CREATE INDEX "correction_by_article_id" ON "correction" ("lane", "article", "id")
--;
CREATE TABLE "subscription" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "account" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "url" TEXT COLLATE "C" NOT NULL, "kinds" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "organisation" BIGINT, "secret" BYTEA, "key_id" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "why" TEXT COLLATE "C" NOT NULL, "failures" BIGINT NOT NULL, "failing_since" BIGINT, "next_try" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "subscription_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "account" BIGINT NOT NULL, "name" TEXT COLLATE "C" NOT NULL, "url" TEXT COLLATE "C" NOT NULL, "kinds" TEXT COLLATE "C" NOT NULL, "place" BIGINT, "organisation" BIGINT, "secret" BYTEA, "key_id" TEXT COLLATE "C" NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "why" TEXT COLLATE "C" NOT NULL, "failures" BIGINT NOT NULL, "failing_since" BIGINT, "next_try" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "subscription_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "name", "url", "kinds", "place", "organisation", "secret", "key_id", "state", "why", "failures", "failing_since", "next_try", NULL::bigint AS row_until FROM "subscription" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "name", "url", "kinds", "place", "organisation", "secret", "key_id", "state", "why", "failures", "failing_since", "next_try", row_until FROM "subscription_versions"
--;
CREATE INDEX "subscription_by_account_id" ON "subscription" ("lane", "account", "id")
--;
CREATE INDEX "subscription_by_state_next_try_id" ON "subscription" ("lane", "state", "next_try", "id")
--;
CREATE TABLE "delivery" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "subscription" BIGINT NOT NULL, "of_lane" BIGINT NOT NULL, "first" BIGINT NOT NULL, "last" BIGINT NOT NULL, "count" BIGINT NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "status" BIGINT, "error" TEXT COLLATE "C" NOT NULL, "attempts" BIGINT NOT NULL, "at" BIGINT NOT NULL, "again" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "delivery_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "subscription" BIGINT NOT NULL, "of_lane" BIGINT NOT NULL, "first" BIGINT NOT NULL, "last" BIGINT NOT NULL, "count" BIGINT NOT NULL, "state" TEXT COLLATE "C" NOT NULL, "kind" TEXT COLLATE "C" NOT NULL, "status" BIGINT, "error" TEXT COLLATE "C" NOT NULL, "attempts" BIGINT NOT NULL, "at" BIGINT NOT NULL, "again" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "delivery_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subscription", "of_lane", "first", "last", "count", "state", "kind", "status", "error", "attempts", "at", "again", NULL::bigint AS row_until FROM "delivery" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subscription", "of_lane", "first", "last", "count", "state", "kind", "status", "error", "attempts", "at", "again", row_until FROM "delivery_versions"
--;
CREATE INDEX "delivery_by_subscription_at_id" ON "delivery" ("lane", "subscription", "at", "id")
--;
CREATE INDEX "delivery_by_state_id" ON "delivery" ("lane", "state", "id")
--;
CREATE TABLE "api_key" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "may" TEXT COLLATE "C" NOT NULL, "digest" TEXT COLLATE "C" NOT NULL, "shown" TEXT COLLATE "C" NOT NULL, "per_minute" BIGINT NOT NULL, "by" BIGINT NOT NULL, "since" BIGINT NOT NULL, "revoked" BIGINT, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "api_key_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "name" TEXT COLLATE "C" NOT NULL, "may" TEXT COLLATE "C" NOT NULL, "digest" TEXT COLLATE "C" NOT NULL, "shown" TEXT COLLATE "C" NOT NULL, "per_minute" BIGINT NOT NULL, "by" BIGINT NOT NULL, "since" BIGINT NOT NULL, "revoked" BIGINT, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "api_key_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "may", "digest", "shown", "per_minute", "by", "since", "revoked", NULL::bigint AS row_until FROM "api_key" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "may", "digest", "shown", "per_minute", "by", "since", "revoked", row_until FROM "api_key_versions"
--;
CREATE INDEX "api_key_by_digest_id" ON "api_key" ("lane", "digest", "id")
--;
CREATE TABLE "support" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "device" TEXT COLLATE "C" NOT NULL, "from_where" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "support_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "device" TEXT COLLATE "C" NOT NULL, "from_where" TEXT COLLATE "C" NOT NULL, "at" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "support_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "device", "from_where", "at", NULL::bigint AS row_until FROM "support" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "device", "from_where", "at", row_until FROM "support_versions"
--;
CREATE INDEX "support_by_case_from_where_id" ON "support" ("lane", "case", "from_where", "id")
--;
CREATE UNIQUE INDEX "support_of_case_device" ON "support" ("lane", "case", "device") WHERE retired IS NULL
--;
CREATE TABLE "rating" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "ended" BIGINT NOT NULL, "solved" BIGINT NOT NULL, "satisfaction" BIGINT, "text" BYTEA, "subject" BIGINT, "at" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "rating_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "case" BIGINT NOT NULL, "ended" BIGINT NOT NULL, "solved" BIGINT NOT NULL, "satisfaction" BIGINT, "text" BYTEA, "subject" BIGINT, "at" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "rating_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "ended", "solved", "satisfaction", "text", "subject", "at", NULL::bigint AS row_until FROM "rating" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "ended", "solved", "satisfaction", "text", "subject", "at", row_until FROM "rating_versions"
--;
CREATE INDEX "rating_by_case_id" ON "rating" ("lane", "case", "id")
--;
CREATE TABLE "topic_member" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "topic" BIGINT NOT NULL, "opened" BIGINT NOT NULL, PRIMARY KEY ("lane", "id"))
--;
CREATE TABLE "topic_member_versions" ("lane" BIGINT NOT NULL, "id" BIGINT NOT NULL, "version" BIGINT NOT NULL, "row_since" BIGINT NOT NULL, "row_at" BIGINT NOT NULL, "provenance" TEXT COLLATE "C" NOT NULL, "retired" BIGINT, "topic" BIGINT NOT NULL, "opened" BIGINT NOT NULL, "row_until" BIGINT NOT NULL, PRIMARY KEY ("lane", "id", "version"))
--;
CREATE VIEW "topic_member_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "topic", "opened", NULL::bigint AS row_until FROM "topic_member" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "topic", "opened", row_until FROM "topic_member_versions"
--;
CREATE INDEX "topic_member_by_topic_id" ON "topic_member" ("lane", "topic", "id")
--;
CREATE INDEX "topic_member_by_opened_id" ON "topic_member" ("lane", "opened", "id")
--;
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
--;
CREATE TRIGGER "journal_no_change" BEFORE UPDATE OR DELETE OR TRUNCATE ON "journal" FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()
--;
CREATE TABLE observation_lane (
    lane BIGINT NOT NULL PRIMARY KEY,
    first_chunk BIGINT NOT NULL,
    next_chunk BIGINT NOT NULL,
    next_run BIGINT NOT NULL,
    tail_rows BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    folds BIGINT NOT NULL,
    amendments BIGINT NOT NULL,
    stamp BIGINT NOT NULL,
    lease_owner BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
)
--;
CREATE TABLE observation_chunk (
    lane BIGINT NOT NULL,
    chunk BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (lane, chunk)
)
--;
CREATE TABLE observation_run (
    lane BIGINT NOT NULL,
    run BIGINT NOT NULL,
    level BIGINT NOT NULL,
    first_chunk BIGINT NOT NULL,
    last_chunk BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    stream_min BIGINT NOT NULL,
    stream_max BIGINT NOT NULL,
    time_min BIGINT NOT NULL,
    time_max BIGINT NOT NULL,
    catalog BYTEA NOT NULL,
    PRIMARY KEY (lane, run)
)
--;
CREATE TABLE observation_segment (
    lane BIGINT NOT NULL,
    run BIGINT NOT NULL,
    part BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (lane, run, part)
)
--;
CREATE TABLE observation_archive (
    lane BIGINT NOT NULL,
    run BIGINT NOT NULL,
    day TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT NOT NULL,
    size BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    time_min BIGINT NOT NULL,
    time_max BIGINT NOT NULL,
    PRIMARY KEY (lane, run)
)
--;
CREATE TABLE observation_page (
    lane BIGINT NOT NULL,
    page BIGINT NOT NULL,
    version BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (lane, page)
)
--;
CREATE TABLE observation_amend (
    lane BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    was_time BIGINT NOT NULL,
    time BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    number_bits BIGINT NOT NULL,
    quality BIGINT NOT NULL,
    extra BYTEA,
    PRIMARY KEY (lane, stream, sequence)
)
--;
ALTER TABLE observation_chunk ALTER COLUMN data SET STORAGE EXTERNAL
--;
ALTER TABLE observation_run ALTER COLUMN catalog SET STORAGE EXTERNAL
--;
ALTER TABLE observation_segment ALTER COLUMN data SET STORAGE EXTERNAL
--;
ALTER TABLE observation_page ALTER COLUMN data SET STORAGE EXTERNAL
