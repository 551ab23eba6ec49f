CREATE TABLE "meta" ("name" TEXT NOT NULL, "value" TEXT NOT NULL, PRIMARY KEY ("name")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "lane" ("lane" INTEGER NOT NULL, "position" INTEGER NOT NULL, "head" BLOB NOT NULL, "state_version" INTEGER NOT NULL, "recorded" INTEGER NOT NULL, "streams" INTEGER NOT NULL, PRIMARY KEY ("lane")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "id_block" ("name" TEXT NOT NULL, "next" INTEGER NOT NULL, PRIMARY KEY ("name")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "definition" ("digest" TEXT NOT NULL, "content" BLOB NOT NULL, PRIMARY KEY ("digest")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "journal" ("lane" INTEGER NOT NULL, "position" INTEGER NOT NULL, "kind" TEXT NOT NULL, "actor" INTEGER NOT NULL, "at" INTEGER NOT NULL, "recorded_at" INTEGER NOT NULL, "cause" TEXT NOT NULL, "body" BLOB NOT NULL, "previous" BLOB NOT NULL, "hash" BLOB NOT NULL, PRIMARY KEY ("lane", "position")) STRICT
--;
CREATE TABLE "journal_subject" ("lane" INTEGER NOT NULL, "noun" TEXT NOT NULL, "id" INTEGER NOT NULL, "position" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("lane", "noun", "id", "position")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "journal_range" ("lane" INTEGER NOT NULL, "noun" TEXT NOT NULL, "last" INTEGER NOT NULL, "first" INTEGER NOT NULL, "position" INTEGER NOT NULL, PRIMARY KEY ("lane", "noun", "last", "position")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "idempotency" ("lane" INTEGER NOT NULL, "key" TEXT NOT NULL, "digest" TEXT NOT NULL, "position" INTEGER NOT NULL, "response" BLOB NOT NULL, "recorded_at" INTEGER NOT NULL, PRIMARY KEY ("lane", "key")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "subscriber" ("lane" INTEGER NOT NULL, "name" TEXT NOT NULL, "value" TEXT NOT NULL, PRIMARY KEY ("lane", "name")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "rule_mark" ("lane" INTEGER NOT NULL, "rule" TEXT NOT NULL, "thing" INTEGER NOT NULL, "holding_since" INTEGER, "clear_since" INTEGER, "warning" INTEGER, "memory" TEXT NOT NULL, PRIMARY KEY ("lane", "rule", "thing")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "numbering" ("lane" INTEGER NOT NULL, "counter" TEXT NOT NULL, "last" INTEGER NOT NULL, PRIMARY KEY ("lane", "counter")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "counter" ("lane" INTEGER NOT NULL, "name" TEXT NOT NULL, "key" TEXT NOT NULL, "value" INTEGER NOT NULL, PRIMARY KEY ("lane", "name", "key")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "lease" ("lane" INTEGER NOT NULL, "name" TEXT NOT NULL, "owner" INTEGER NOT NULL, "until" INTEGER NOT NULL, PRIMARY KEY ("lane", "name")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "erasure" ("lane" INTEGER NOT NULL, "party" INTEGER NOT NULL, "position" INTEGER NOT NULL, "done" INTEGER NOT NULL, PRIMARY KEY ("lane", "party")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "case_scope" ("lane" INTEGER NOT NULL, "scope" INTEGER NOT NULL, "id" INTEGER NOT NULL, "procedure" TEXT NOT NULL, "state" TEXT NOT NULL, "opened" INTEGER NOT NULL, PRIMARY KEY ("lane", "scope", "id")) STRICT, WITHOUT ROWID
--;
CREATE TABLE "warning_scope" ("lane" INTEGER NOT NULL, "scope" INTEGER NOT NULL, "state" TEXT NOT NULL, "raised" INTEGER NOT NULL, "id" INTEGER NOT NULL, PRIMARY KEY ("lane", "scope", "id")) STRICT, WITHOUT ROWID
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
CREATE TABLE "place" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "tree" TEXT NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "parent" INTEGER, "members_of" TEXT NOT NULL, "geometry" BLOB, "west" REAL, "south" REAL, "east" REAL, "north" REAL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "place_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "tree" TEXT NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "parent" INTEGER, "members_of" TEXT NOT NULL, "geometry" BLOB, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "place_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "tree", "code", "name", "parent", "members_of", "geometry", "west", "south", "east", "north", NULL AS row_until FROM "place" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "tree", "code", "name", "parent", "members_of", "geometry", "west", "south", "east", "north", row_until FROM "place_versions"
--;
CREATE INDEX "place_by_tree_code_id" ON "place" ("lane", "tree", "code", "id")
--;
CREATE INDEX "place_by_parent_id" ON "place" ("lane", "parent", "id")
--;
CREATE VIRTUAL TABLE "place_box" USING rtree (id, west, east, south, north)
--;
CREATE VIRTUAL TABLE "place_words" USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'")
--;
CREATE TABLE "thing" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "type" TEXT NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "component_class" TEXT, "place" INTEGER, "geometry" BLOB, "properties" TEXT NOT NULL, "links" TEXT NOT NULL, "owner" INTEGER, "west" REAL, "south" REAL, "east" REAL, "north" REAL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "thing_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "type" TEXT NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "component_class" TEXT, "place" INTEGER, "geometry" BLOB, "properties" TEXT NOT NULL, "links" TEXT NOT NULL, "owner" INTEGER, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "thing_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "type", "code", "name", "component_class", "place", "geometry", "properties", "links", "owner", "west", "south", "east", "north", NULL AS row_until FROM "thing" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "type", "code", "name", "component_class", "place", "geometry", "properties", "links", "owner", "west", "south", "east", "north", row_until FROM "thing_versions"
--;
CREATE INDEX "thing_by_type_id" ON "thing" ("lane", "type", "id")
--;
CREATE INDEX "thing_by_code_id" ON "thing" ("lane", "code", "id")
--;
CREATE INDEX "thing_by_place_id" ON "thing" ("lane", "place", "id")
--;
CREATE INDEX "thing_by_component_class_id" ON "thing" ("lane", "component_class", "id")
--;
CREATE INDEX IF NOT EXISTS "thing_of_name_text" ON "thing" (lane, (CASE WHEN json_type("name", '$."zh"') IN ('text') THEN json_extract("name", '$."zh"') END), id)
--;
CREATE VIRTUAL TABLE "thing_box" USING rtree (id, west, east, south, north)
--;
CREATE VIRTUAL TABLE "thing_words" USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'")
--;
CREATE TABLE "location" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "encoding" TEXT NOT NULL, "geometry" BLOB, "things" TEXT NOT NULL, "since" INTEGER, "properties" TEXT NOT NULL, "west" REAL, "south" REAL, "east" REAL, "north" REAL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "location_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "encoding" TEXT NOT NULL, "geometry" BLOB, "things" TEXT NOT NULL, "since" INTEGER, "properties" TEXT NOT NULL, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "location_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "things", "since", "properties", "west", "south", "east", "north", NULL AS row_until FROM "location" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "things", "since", "properties", "west", "south", "east", "north", row_until FROM "location_versions"
--;
CREATE VIRTUAL TABLE "location_box" USING rtree (id, west, east, south, north)
--;
CREATE TABLE "sensor" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "encoding" TEXT NOT NULL, "metadata" TEXT NOT NULL, "properties" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "sensor_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "encoding" TEXT NOT NULL, "metadata" TEXT NOT NULL, "properties" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "sensor_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "metadata", "properties", NULL AS row_until FROM "sensor" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "metadata", "properties", row_until FROM "sensor_versions"
--;
CREATE TABLE "observed_property" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "definition" TEXT NOT NULL, "description" TEXT NOT NULL, "code" TEXT NOT NULL, "properties" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "observed_property_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "definition" TEXT NOT NULL, "description" TEXT NOT NULL, "code" TEXT NOT NULL, "properties" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "observed_property_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "definition", "description", "code", "properties", NULL AS row_until FROM "observed_property" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "definition", "description", "code", "properties", row_until FROM "observed_property_versions"
--;
CREATE INDEX "observed_property_by_code_id" ON "observed_property" ("lane", "code", "id")
--;
CREATE TABLE "datastream" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "thing" INTEGER NOT NULL, "sensor" INTEGER NOT NULL, "observed_property" INTEGER NOT NULL, "property_code" TEXT NOT NULL, "description" TEXT NOT NULL, "observation_type" TEXT NOT NULL, "result_kind" TEXT NOT NULL, "unit" TEXT NOT NULL, "unit_name" TEXT NOT NULL, "unit_definition" TEXT NOT NULL, "low" REAL, "high" REAL, "interval" INTEGER, "same_time" TEXT NOT NULL, "properties" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "datastream_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "thing" INTEGER NOT NULL, "sensor" INTEGER NOT NULL, "observed_property" INTEGER NOT NULL, "property_code" TEXT NOT NULL, "description" TEXT NOT NULL, "observation_type" TEXT NOT NULL, "result_kind" TEXT NOT NULL, "unit" TEXT NOT NULL, "unit_name" TEXT NOT NULL, "unit_definition" TEXT NOT NULL, "low" REAL, "high" REAL, "interval" INTEGER, "same_time" TEXT NOT NULL, "properties" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "datastream_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "thing", "sensor", "observed_property", "property_code", "description", "observation_type", "result_kind", "unit", "unit_name", "unit_definition", "low", "high", "interval", "same_time", "properties", NULL AS row_until FROM "datastream" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "thing", "sensor", "observed_property", "property_code", "description", "observation_type", "result_kind", "unit", "unit_name", "unit_definition", "low", "high", "interval", "same_time", "properties", row_until FROM "datastream_versions"
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
CREATE TABLE "feature" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "encoding" TEXT NOT NULL, "geometry" BLOB, "properties" TEXT NOT NULL, "west" REAL, "south" REAL, "east" REAL, "north" REAL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "feature_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "description" TEXT NOT NULL, "encoding" TEXT NOT NULL, "geometry" BLOB, "properties" TEXT NOT NULL, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "feature_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "properties", "west", "south", "east", "north", NULL AS row_until FROM "feature" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "description", "encoding", "geometry", "properties", "west", "south", "east", "north", row_until FROM "feature_versions"
--;
CREATE VIRTUAL TABLE "feature_box" USING rtree (id, west, east, south, north)
--;
CREATE TABLE "device" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "protocol" TEXT NOT NULL, "address" TEXT NOT NULL, "state" TEXT NOT NULL, "name" TEXT NOT NULL, "thing" INTEGER, "profile" TEXT NOT NULL, "secret" TEXT NOT NULL, "channels" TEXT NOT NULL, "options" TEXT NOT NULL, "first_seen" INTEGER, "note" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "device_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "protocol" TEXT NOT NULL, "address" TEXT NOT NULL, "state" TEXT NOT NULL, "name" TEXT NOT NULL, "thing" INTEGER, "profile" TEXT NOT NULL, "secret" TEXT NOT NULL, "channels" TEXT NOT NULL, "options" TEXT NOT NULL, "first_seen" INTEGER, "note" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "device_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "protocol", "address", "state", "name", "thing", "profile", "secret", "channels", "options", "first_seen", "note", NULL AS row_until FROM "device" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "protocol", "address", "state", "name", "thing", "profile", "secret", "channels", "options", "first_seen", "note", row_until FROM "device_versions"
--;
CREATE INDEX "device_by_state_id" ON "device" ("lane", "state", "id")
--;
CREATE INDEX "device_by_thing_id" ON "device" ("lane", "thing", "id")
--;
CREATE UNIQUE INDEX "device_of_protocol_address" ON "device" ("lane", "protocol", "address") WHERE retired IS NULL
--;
CREATE VIRTUAL TABLE "device_words" USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'")
--;
CREATE TABLE "party" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "kind" TEXT NOT NULL, "subject" INTEGER NOT NULL, "label" TEXT, "code" TEXT NOT NULL, "parent" INTEGER, "side" TEXT NOT NULL, "person_name" BLOB, "id_number" BLOB, "phone" BLOB, "email" BLOB, "address" BLOB, "facts" TEXT NOT NULL, "erased" INTEGER, "id_number_hash" BLOB, "phone_hash" BLOB, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "party_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "kind" TEXT NOT NULL, "subject" INTEGER NOT NULL, "label" TEXT, "code" TEXT NOT NULL, "parent" INTEGER, "side" TEXT NOT NULL, "person_name" BLOB, "id_number" BLOB, "phone" BLOB, "email" BLOB, "address" BLOB, "facts" TEXT NOT NULL, "erased" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "party_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "subject", "label", "code", "parent", "side", "person_name", "id_number", "phone", "email", "address", "facts", "erased", NULL AS row_until FROM "party" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "subject", "label", "code", "parent", "side", "person_name", "id_number", "phone", "email", "address", "facts", "erased", row_until FROM "party_versions"
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
CREATE TABLE "account" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "subject" INTEGER NOT NULL, "login" BLOB, "password_hash" TEXT NOT NULL, "organisation" INTEGER, "language" TEXT NOT NULL, "disabled" INTEGER, "simulated" INTEGER NOT NULL, "login_hash" BLOB, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "account_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "subject" INTEGER NOT NULL, "login" BLOB, "password_hash" TEXT NOT NULL, "organisation" INTEGER, "language" TEXT NOT NULL, "disabled" INTEGER, "simulated" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "account_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "login", "password_hash", "organisation", "language", "disabled", "simulated", NULL AS row_until FROM "account" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "login", "password_hash", "organisation", "language", "disabled", "simulated", row_until FROM "account_versions"
--;
CREATE INDEX "account_by_login_hash_id" ON "account" ("lane", "login_hash", "id")
--;
CREATE INDEX "account_by_subject_id" ON "account" ("lane", "subject", "id")
--;
CREATE INDEX "account_by_organisation_id" ON "account" ("lane", "organisation", "id")
--;
CREATE TABLE "role" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "account" INTEGER NOT NULL, "role" TEXT NOT NULL, "place" INTEGER, "organisation" INTEGER, "since" INTEGER NOT NULL, "until" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "role_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "account" INTEGER NOT NULL, "role" TEXT NOT NULL, "place" INTEGER, "organisation" INTEGER, "since" INTEGER NOT NULL, "until" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "role_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "role", "place", "organisation", "since", "until", NULL AS row_until FROM "role" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "role", "place", "organisation", "since", "until", row_until FROM "role_versions"
--;
CREATE INDEX "role_by_account_id" ON "role" ("lane", "account", "id")
--;
CREATE INDEX "role_by_role_id" ON "role" ("lane", "role", "id")
--;
CREATE TABLE "consent" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "subject" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "notice_version" TEXT NOT NULL, "channel" TEXT NOT NULL, "given" INTEGER NOT NULL, "withdrawn" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "consent_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "subject" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "notice_version" TEXT NOT NULL, "channel" TEXT NOT NULL, "given" INTEGER NOT NULL, "withdrawn" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "consent_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "purpose", "notice_version", "channel", "given", "withdrawn", NULL AS row_until FROM "consent" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subject", "purpose", "notice_version", "channel", "given", "withdrawn", row_until FROM "consent_versions"
--;
CREATE INDEX "consent_by_subject_id" ON "consent" ("lane", "subject", "id")
--;
CREATE TABLE "receipt" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "reader" INTEGER NOT NULL, "subjects" TEXT NOT NULL, "fields" TEXT NOT NULL, "purpose" TEXT NOT NULL, "at" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "receipt_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "reader" INTEGER NOT NULL, "subjects" TEXT NOT NULL, "fields" TEXT NOT NULL, "purpose" TEXT NOT NULL, "at" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "receipt_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "reader", "subjects", "fields", "purpose", "at", NULL AS row_until FROM "receipt" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "reader", "subjects", "fields", "purpose", "at", row_until FROM "receipt_versions"
--;
CREATE INDEX "receipt_by_reader_id" ON "receipt" ("lane", "reader", "id")
--;
CREATE TABLE "delegation" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "giver" INTEGER NOT NULL, "taker" INTEGER NOT NULL, "role" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "delegation_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "giver" INTEGER NOT NULL, "taker" INTEGER NOT NULL, "role" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "delegation_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "giver", "taker", "role", "since", "until", NULL AS row_until FROM "delegation" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "giver", "taker", "role", "since", "until", row_until FROM "delegation_versions"
--;
CREATE INDEX "delegation_by_taker_id" ON "delegation" ("lane", "taker", "id")
--;
CREATE TABLE "responsibility" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "kind" TEXT NOT NULL, "code" TEXT NOT NULL, "area" TEXT NOT NULL, "organisation" INTEGER NOT NULL, "basis" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "case" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "responsibility_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "kind" TEXT NOT NULL, "code" TEXT NOT NULL, "area" TEXT NOT NULL, "organisation" INTEGER NOT NULL, "basis" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "case" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "responsibility_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "code", "area", "organisation", "basis", "since", "until", "case", NULL AS row_until FROM "responsibility" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "kind", "code", "area", "organisation", "basis", "since", "until", "case", row_until FROM "responsibility_versions"
--;
CREATE INDEX "responsibility_by_kind_code_id" ON "responsibility" ("lane", "kind", "code", "id")
--;
CREATE INDEX "responsibility_by_organisation_id" ON "responsibility" ("lane", "organisation", "id")
--;
CREATE TABLE "case" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "number" TEXT NOT NULL, "procedure" TEXT NOT NULL, "definition" TEXT NOT NULL, "state" TEXT NOT NULL, "category" TEXT NOT NULL, "title" TEXT NOT NULL, "text" TEXT NOT NULL, "source" TEXT NOT NULL, "place" INTEGER, "position" BLOB, "position_text" TEXT NOT NULL, "thing" INTEGER, "subject" INTEGER, "contact" BLOB, "original" BLOB, "confidential" INTEGER NOT NULL, "opened" INTEGER NOT NULL, "opened_by" INTEGER NOT NULL, "filed" INTEGER, "fed_back" INTEGER, "closed" INTEGER, "ending" TEXT NOT NULL, "cause" TEXT NOT NULL, "joined_to" INTEGER, "parent" INTEGER, "external" TEXT NOT NULL, "warnings" TEXT NOT NULL, "organisation" INTEGER, "holder" INTEGER, "urgency" TEXT NOT NULL, "clocks" TEXT NOT NULL, "next_due" INTEGER, "late_from" INTEGER, "deeds" TEXT NOT NULL, "rounds" INTEGER NOT NULL, "returns" INTEGER NOT NULL, "extensions" INTEGER NOT NULL, "suspended" TEXT NOT NULL, "scope" TEXT NOT NULL, "facts" TEXT NOT NULL, "west" REAL, "south" REAL, "east" REAL, "north" REAL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "case_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "number" TEXT NOT NULL, "procedure" TEXT NOT NULL, "definition" TEXT NOT NULL, "state" TEXT NOT NULL, "category" TEXT NOT NULL, "title" TEXT NOT NULL, "text" TEXT NOT NULL, "source" TEXT NOT NULL, "place" INTEGER, "position" BLOB, "position_text" TEXT NOT NULL, "thing" INTEGER, "subject" INTEGER, "contact" BLOB, "original" BLOB, "confidential" INTEGER NOT NULL, "opened" INTEGER NOT NULL, "opened_by" INTEGER NOT NULL, "filed" INTEGER, "fed_back" INTEGER, "closed" INTEGER, "ending" TEXT NOT NULL, "cause" TEXT NOT NULL, "joined_to" INTEGER, "parent" INTEGER, "external" TEXT NOT NULL, "warnings" TEXT NOT NULL, "organisation" INTEGER, "holder" INTEGER, "urgency" TEXT NOT NULL, "clocks" TEXT NOT NULL, "next_due" INTEGER, "late_from" INTEGER, "deeds" TEXT NOT NULL, "rounds" INTEGER NOT NULL, "returns" INTEGER NOT NULL, "extensions" INTEGER NOT NULL, "suspended" TEXT NOT NULL, "scope" TEXT NOT NULL, "facts" TEXT NOT NULL, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "case_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "number", "procedure", "definition", "state", "category", "title", "text", "source", "place", "position", "position_text", "thing", "subject", "contact", "original", "confidential", "opened", "opened_by", "filed", "fed_back", "closed", "ending", "cause", "joined_to", "parent", "external", "warnings", "organisation", "holder", "urgency", "clocks", "next_due", "late_from", "deeds", "rounds", "returns", "extensions", "suspended", "scope", "facts", "west", "south", "east", "north", NULL AS row_until FROM "case" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "number", "procedure", "definition", "state", "category", "title", "text", "source", "place", "position", "position_text", "thing", "subject", "contact", "original", "confidential", "opened", "opened_by", "filed", "fed_back", "closed", "ending", "cause", "joined_to", "parent", "external", "warnings", "organisation", "holder", "urgency", "clocks", "next_due", "late_from", "deeds", "rounds", "returns", "extensions", "suspended", "scope", "facts", "west", "south", "east", "north", row_until FROM "case_versions"
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
CREATE INDEX IF NOT EXISTS "case_of_category_code_text" ON "case" (lane, (CASE WHEN json_type("category", '$."code"') IN ('text') THEN json_extract("category", '$."code"') END), id)
--;
CREATE VIRTUAL TABLE "case_box" USING rtree (id, west, east, south, north)
--;
CREATE VIRTUAL TABLE "case_words" USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'")
--;
CREATE TABLE "task" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "name" TEXT NOT NULL, "organisation" INTEGER, "account" INTEGER, "state" TEXT NOT NULL, "due" INTEGER, "done" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "task_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "name" TEXT NOT NULL, "organisation" INTEGER, "account" INTEGER, "state" TEXT NOT NULL, "due" INTEGER, "done" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "task_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "name", "organisation", "account", "state", "due", "done", NULL AS row_until FROM "task" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "name", "organisation", "account", "state", "due", "done", row_until FROM "task_versions"
--;
CREATE INDEX "task_by_case_id" ON "task" ("lane", "case", "id")
--;
CREATE INDEX "task_by_state_due_id" ON "task" ("lane", "state", "due", "id")
--;
CREATE TABLE "warning" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "rule" TEXT NOT NULL, "rule_version" TEXT NOT NULL, "thing" INTEGER NOT NULL, "place" INTEGER, "state" TEXT NOT NULL, "colour" TEXT NOT NULL, "title" TEXT NOT NULL, "explanation" TEXT NOT NULL, "cause" TEXT NOT NULL, "began" INTEGER NOT NULL, "raised" INTEGER NOT NULL, "seen" INTEGER NOT NULL, "cleared" INTEGER, "ended" TEXT NOT NULL, "revised" INTEGER, "peak" REAL, "evidence" TEXT NOT NULL, "clearing" TEXT NOT NULL, "case" INTEGER, "joined_to" INTEGER, "judged_by" INTEGER, "judged_at" INTEGER, "judged_reason" TEXT NOT NULL, "scope" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "warning_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "rule" TEXT NOT NULL, "rule_version" TEXT NOT NULL, "thing" INTEGER NOT NULL, "place" INTEGER, "state" TEXT NOT NULL, "colour" TEXT NOT NULL, "title" TEXT NOT NULL, "explanation" TEXT NOT NULL, "cause" TEXT NOT NULL, "began" INTEGER NOT NULL, "raised" INTEGER NOT NULL, "seen" INTEGER NOT NULL, "cleared" INTEGER, "ended" TEXT NOT NULL, "revised" INTEGER, "peak" REAL, "evidence" TEXT NOT NULL, "clearing" TEXT NOT NULL, "case" INTEGER, "joined_to" INTEGER, "judged_by" INTEGER, "judged_at" INTEGER, "judged_reason" TEXT NOT NULL, "scope" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "warning_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "rule", "rule_version", "thing", "place", "state", "colour", "title", "explanation", "cause", "began", "raised", "seen", "cleared", "ended", "revised", "peak", "evidence", "clearing", "case", "joined_to", "judged_by", "judged_at", "judged_reason", "scope", NULL AS row_until FROM "warning" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "rule", "rule_version", "thing", "place", "state", "colour", "title", "explanation", "cause", "began", "raised", "seen", "cleared", "ended", "revised", "peak", "evidence", "clearing", "case", "joined_to", "judged_by", "judged_at", "judged_reason", "scope", row_until FROM "warning_versions"
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
CREATE TABLE "message" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER, "to" INTEGER NOT NULL, "channel" TEXT NOT NULL, "subject" INTEGER, "kind" TEXT NOT NULL, "text" BLOB, "state" TEXT NOT NULL, "at" INTEGER NOT NULL, "attempts" INTEGER NOT NULL, "next_try" INTEGER, "sent" INTEGER, "read" INTEGER, "error" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "message_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER, "to" INTEGER NOT NULL, "channel" TEXT NOT NULL, "subject" INTEGER, "kind" TEXT NOT NULL, "text" BLOB, "state" TEXT NOT NULL, "at" INTEGER NOT NULL, "attempts" INTEGER NOT NULL, "next_try" INTEGER, "sent" INTEGER, "read" INTEGER, "error" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "message_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "to", "channel", "subject", "kind", "text", "state", "at", "attempts", "next_try", "sent", "read", "error", NULL AS row_until FROM "message" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "to", "channel", "subject", "kind", "text", "state", "at", "attempts", "next_try", "sent", "read", "error", row_until FROM "message_versions"
--;
CREATE INDEX "message_by_case_id" ON "message" ("lane", "case", "id")
--;
CREATE INDEX "message_by_state_next_try_id" ON "message" ("lane", "state", "next_try", "id")
--;
CREATE INDEX "message_by_to_at_id" ON "message" ("lane", "to", "at", "id")
--;
CREATE INDEX "message_by_subject_id" ON "message" ("lane", "subject", "id")
--;
CREATE TABLE "file" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER, "stage" TEXT NOT NULL, "role" TEXT NOT NULL, "same_angle_as" INTEGER, "name" TEXT NOT NULL, "media_type" TEXT NOT NULL, "size" INTEGER NOT NULL, "digest" TEXT NOT NULL, "subject" INTEGER, "taken" INTEGER, "position" BLOB, "by" INTEGER, "west" REAL, "south" REAL, "east" REAL, "north" REAL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "file_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER, "stage" TEXT NOT NULL, "role" TEXT NOT NULL, "same_angle_as" INTEGER, "name" TEXT NOT NULL, "media_type" TEXT NOT NULL, "size" INTEGER NOT NULL, "digest" TEXT NOT NULL, "subject" INTEGER, "taken" INTEGER, "position" BLOB, "by" INTEGER, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "file_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "stage", "role", "same_angle_as", "name", "media_type", "size", "digest", "subject", "taken", "position", "by", "west", "south", "east", "north", NULL AS row_until FROM "file" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "stage", "role", "same_angle_as", "name", "media_type", "size", "digest", "subject", "taken", "position", "by", "west", "south", "east", "north", row_until FROM "file_versions"
--;
CREATE INDEX "file_by_case_id" ON "file" ("lane", "case", "id")
--;
CREATE INDEX "file_by_digest_id" ON "file" ("lane", "digest", "id")
--;
CREATE INDEX "file_by_subject_id" ON "file" ("lane", "subject", "id")
--;
CREATE VIRTUAL TABLE "file_box" USING rtree (id, west, east, south, north)
--;
CREATE TABLE "document" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "kind" TEXT NOT NULL, "number" TEXT NOT NULL, "file" INTEGER, "issued" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "document_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "kind" TEXT NOT NULL, "number" TEXT NOT NULL, "file" INTEGER, "issued" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "document_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "kind", "number", "file", "issued", NULL AS row_until FROM "document" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "kind", "number", "file", "issued", row_until FROM "document_versions"
--;
CREATE INDEX "document_by_case_id" ON "document" ("lane", "case", "id")
--;
CREATE TABLE "payment" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "amount" INTEGER NOT NULL, "state" TEXT NOT NULL, "reference" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "payment_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "amount" INTEGER NOT NULL, "state" TEXT NOT NULL, "reference" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "payment_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "amount", "state", "reference", NULL AS row_until FROM "payment" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "amount", "state", "reference", row_until FROM "payment_versions"
--;
CREATE INDEX "payment_by_case_id" ON "payment" ("lane", "case", "id")
--;
CREATE TABLE "household" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "place" INTEGER, "address" BLOB, "position" BLOB, "visited" INTEGER, "visitor" INTEGER, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "address_hash" BLOB, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "household_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "place" INTEGER, "address" BLOB, "position" BLOB, "visited" INTEGER, "visitor" INTEGER, "west" REAL, "south" REAL, "east" REAL, "north" REAL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "household_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "place", "address", "position", "visited", "visitor", "west", "south", "east", "north", NULL AS row_until FROM "household" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "place", "address", "position", "visited", "visitor", "west", "south", "east", "north", row_until FROM "household_versions"
--;
CREATE INDEX "household_by_place_code_id" ON "household" ("lane", "place", "code", "id")
--;
CREATE INDEX "household_by_code_id" ON "household" ("lane", "code", "id")
--;
CREATE INDEX "household_by_address_hash_id" ON "household" ("lane", "address_hash", "id")
--;
CREATE INDEX "household_by_visited_id" ON "household" ("lane", "visited", "id")
--;
CREATE VIRTUAL TABLE "household_box" USING rtree (id, west, east, south, north)
--;
CREATE TABLE "register_entry" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "register" TEXT NOT NULL, "household" INTEGER, "subject" INTEGER, "place" INTEGER, "name" BLOB, "values" TEXT NOT NULL, "personal" BLOB, "visit" INTEGER, "name_hash" BLOB, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "register_entry_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "register" TEXT NOT NULL, "household" INTEGER, "subject" INTEGER, "place" INTEGER, "name" BLOB, "values" TEXT NOT NULL, "personal" BLOB, "visit" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "register_entry_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "register", "household", "subject", "place", "name", "values", "personal", "visit", NULL AS row_until FROM "register_entry" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "register", "household", "subject", "place", "name", "values", "personal", "visit", row_until FROM "register_entry_versions"
--;
CREATE INDEX "register_entry_by_register_place_id" ON "register_entry" ("lane", "register", "place", "id")
--;
CREATE INDEX "register_entry_by_household_id" ON "register_entry" ("lane", "household", "id")
--;
CREATE INDEX "register_entry_by_subject_id" ON "register_entry" ("lane", "subject", "id")
--;
CREATE INDEX "register_entry_by_name_hash_id" ON "register_entry" ("lane", "name_hash", "id")
--;
CREATE TABLE "visit" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "household" INTEGER NOT NULL, "place" INTEGER, "account" INTEGER NOT NULL, "at" INTEGER NOT NULL, "kind" TEXT NOT NULL, "note" BLOB, "filled" TEXT NOT NULL, "device" TEXT NOT NULL, "case" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "visit_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "household" INTEGER NOT NULL, "place" INTEGER, "account" INTEGER NOT NULL, "at" INTEGER NOT NULL, "kind" TEXT NOT NULL, "note" BLOB, "filled" TEXT NOT NULL, "device" TEXT NOT NULL, "case" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "visit_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "household", "place", "account", "at", "kind", "note", "filled", "device", "case", NULL AS row_until FROM "visit" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "household", "place", "account", "at", "kind", "note", "filled", "device", "case", row_until FROM "visit_versions"
--;
CREATE INDEX "visit_by_household_at_id" ON "visit" ("lane", "household", "at", "id")
--;
CREATE INDEX "visit_by_account_at_id" ON "visit" ("lane", "account", "at", "id")
--;
CREATE TABLE "service" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "kind" TEXT NOT NULL, "organisation" INTEGER NOT NULL, "published" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "service_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "kind" TEXT NOT NULL, "organisation" INTEGER NOT NULL, "published" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "service_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "organisation", "published", NULL AS row_until FROM "service" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "organisation", "published", row_until FROM "service_versions"
--;
CREATE INDEX "service_by_code_id" ON "service" ("lane", "code", "id")
--;
CREATE TABLE "service_version" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "service" INTEGER NOT NULL, "edition" INTEGER NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "legal_days" REAL NOT NULL, "promised_days" REAL NOT NULL, "day_unit" TEXT NOT NULL, "procedure" TEXT NOT NULL, "elements" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "service_version_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "service" INTEGER NOT NULL, "edition" INTEGER NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "legal_days" REAL NOT NULL, "promised_days" REAL NOT NULL, "day_unit" TEXT NOT NULL, "procedure" TEXT NOT NULL, "elements" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "service_version_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service", "edition", "since", "until", "legal_days", "promised_days", "day_unit", "procedure", "elements", NULL AS row_until FROM "service_version" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service", "edition", "since", "until", "legal_days", "promised_days", "day_unit", "procedure", "elements", row_until FROM "service_version_versions"
--;
CREATE INDEX "service_version_by_service_edition_id" ON "service_version" ("lane", "service", "edition", "id")
--;
CREATE TABLE "form" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "service_version" INTEGER NOT NULL, "name" TEXT NOT NULL, "schema" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "form_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "service_version" INTEGER NOT NULL, "name" TEXT NOT NULL, "schema" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "form_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "schema", NULL AS row_until FROM "form" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "schema", row_until FROM "form_versions"
--;
CREATE INDEX "form_by_service_version_id" ON "form" ("lane", "service_version", "id")
--;
CREATE TABLE "material" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "service_version" INTEGER NOT NULL, "name" TEXT NOT NULL, "necessity" TEXT NOT NULL, "source" TEXT NOT NULL, "basis" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "material_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "service_version" INTEGER NOT NULL, "name" TEXT NOT NULL, "necessity" TEXT NOT NULL, "source" TEXT NOT NULL, "basis" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "material_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "necessity", "source", "basis", NULL AS row_until FROM "material" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "service_version", "name", "necessity", "source", "basis", row_until FROM "material_versions"
--;
CREATE INDEX "material_by_service_version_id" ON "material" ("lane", "service_version", "id")
--;
CREATE TABLE "bundle" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "services" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "bundle_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "services" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "bundle_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "services", NULL AS row_until FROM "bundle" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "services", row_until FROM "bundle_versions"
--;
CREATE TABLE "dataset" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "provider" INTEGER NOT NULL, "sharing" TEXT NOT NULL, "sharing_basis" TEXT NOT NULL, "open" TEXT NOT NULL, "cadence" TEXT NOT NULL, "data_class" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "dataset_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "provider" INTEGER NOT NULL, "sharing" TEXT NOT NULL, "sharing_basis" TEXT NOT NULL, "open" TEXT NOT NULL, "cadence" TEXT NOT NULL, "data_class" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "dataset_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "provider", "sharing", "sharing_basis", "open", "cadence", "data_class", NULL AS row_until FROM "dataset" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "provider", "sharing", "sharing_basis", "open", "cadence", "data_class", row_until FROM "dataset_versions"
--;
CREATE INDEX "dataset_by_code_id" ON "dataset" ("lane", "code", "id")
--;
CREATE TABLE "table" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "dataset" INTEGER NOT NULL, "name" TEXT NOT NULL, "fields" TEXT NOT NULL, "source" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "table_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "dataset" INTEGER NOT NULL, "name" TEXT NOT NULL, "fields" TEXT NOT NULL, "source" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "table_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "name", "fields", "source", NULL AS row_until FROM "table" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "name", "fields", "source", row_until FROM "table_versions"
--;
CREATE INDEX "table_by_dataset_id" ON "table" ("lane", "dataset", "id")
--;
CREATE TABLE "data_request" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "dataset" INTEGER NOT NULL, "asker" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "case" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "data_request_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "dataset" INTEGER NOT NULL, "asker" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "case" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "data_request_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "asker", "purpose", "case", NULL AS row_until FROM "data_request" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "asker", "purpose", "case", row_until FROM "data_request_versions"
--;
CREATE TABLE "data_grant" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "dataset" INTEGER NOT NULL, "request" INTEGER, "holder" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "data_grant_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "dataset" INTEGER NOT NULL, "request" INTEGER, "holder" INTEGER NOT NULL, "purpose" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "data_grant_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "request", "holder", "purpose", "since", "until", NULL AS row_until FROM "data_grant" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "dataset", "request", "holder", "purpose", "since", "until", row_until FROM "data_grant_versions"
--;
CREATE TABLE "indicator" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "unit" TEXT NOT NULL, "formula" TEXT NOT NULL, "target" REAL, "period" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "indicator_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "unit" TEXT NOT NULL, "formula" TEXT NOT NULL, "target" REAL, "period" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "indicator_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "unit", "formula", "target", "period", NULL AS row_until FROM "indicator" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "unit", "formula", "target", "period", row_until FROM "indicator_versions"
--;
CREATE INDEX "indicator_by_code_id" ON "indicator" ("lane", "code", "id")
--;
CREATE TABLE "indicator_value" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "indicator" INTEGER NOT NULL, "place" INTEGER, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL, "value" REAL, "parts" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "indicator_value_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "indicator" INTEGER NOT NULL, "place" INTEGER, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL, "value" REAL, "parts" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "indicator_value_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "indicator", "place", "start", "end", "value", "parts", NULL AS row_until FROM "indicator_value" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "indicator", "place", "start", "end", "value", "parts", row_until FROM "indicator_value_versions"
--;
CREATE INDEX "indicator_value_by_indicator_place_start_id" ON "indicator_value" ("lane", "indicator", "place", "start", "id")
--;
CREATE TABLE "handover" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "desk" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER NOT NULL, "drafted" INTEGER NOT NULL, "content" TEXT NOT NULL, "notes" TEXT NOT NULL, "state" TEXT NOT NULL, "given_by" INTEGER, "given_at" INTEGER, "taken_by" INTEGER, "taken_at" INTEGER, "remark" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "handover_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "desk" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER NOT NULL, "drafted" INTEGER NOT NULL, "content" TEXT NOT NULL, "notes" TEXT NOT NULL, "state" TEXT NOT NULL, "given_by" INTEGER, "given_at" INTEGER, "taken_by" INTEGER, "taken_at" INTEGER, "remark" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "handover_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "desk", "since", "until", "drafted", "content", "notes", "state", "given_by", "given_at", "taken_by", "taken_at", "remark", NULL AS row_until FROM "handover" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "desk", "since", "until", "drafted", "content", "notes", "state", "given_by", "given_at", "taken_by", "taken_at", "remark", row_until FROM "handover_versions"
--;
CREATE INDEX "handover_by_desk_until_id" ON "handover" ("lane", "desk", "until", "id")
--;
CREATE INDEX "handover_by_until_id" ON "handover" ("lane", "until", "id")
--;
CREATE TABLE "model" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "digest" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "model_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "digest" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "model_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "digest", NULL AS row_until FROM "model" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "digest", row_until FROM "model_versions"
--;
CREATE INDEX "model_by_code_id" ON "model" ("lane", "code", "id")
--;
CREATE TABLE "scenario" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "model" INTEGER NOT NULL, "name" TEXT NOT NULL, "inputs" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "scenario_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "model" INTEGER NOT NULL, "name" TEXT NOT NULL, "inputs" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "scenario_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "name", "inputs", NULL AS row_until FROM "scenario" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "name", "inputs", row_until FROM "scenario_versions"
--;
CREATE INDEX "scenario_by_model_id" ON "scenario" ("lane", "model", "id")
--;
CREATE TABLE "run" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "model" INTEGER NOT NULL, "scenario" INTEGER, "inputs" TEXT NOT NULL, "state" TEXT NOT NULL, "progress" REAL NOT NULL, "doing" TEXT NOT NULL, "started" INTEGER, "ended" INTEGER, "result" TEXT NOT NULL, "error" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "run_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "model" INTEGER NOT NULL, "scenario" INTEGER, "inputs" TEXT NOT NULL, "state" TEXT NOT NULL, "progress" REAL NOT NULL, "doing" TEXT NOT NULL, "started" INTEGER, "ended" INTEGER, "result" TEXT NOT NULL, "error" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "run_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "scenario", "inputs", "state", "progress", "doing", "started", "ended", "result", "error", NULL AS row_until FROM "run" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "model", "scenario", "inputs", "state", "progress", "doing", "started", "ended", "result", "error", row_until FROM "run_versions"
--;
CREATE INDEX "run_by_model_state_id" ON "run" ("lane", "model", "state", "id")
--;
CREATE TABLE "proposal" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "plan" TEXT NOT NULL, "level" INTEGER NOT NULL, "colour" TEXT, "reasons" TEXT NOT NULL, "warnings" TEXT NOT NULL, "taken_up" TEXT NOT NULL, "at" INTEGER NOT NULL, "state" TEXT NOT NULL, "response" INTEGER, "dismissed_by" INTEGER, "dismissed_at" INTEGER, "dismissed_reason" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "proposal_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "plan" TEXT NOT NULL, "level" INTEGER NOT NULL, "colour" TEXT, "reasons" TEXT NOT NULL, "warnings" TEXT NOT NULL, "taken_up" TEXT NOT NULL, "at" INTEGER NOT NULL, "state" TEXT NOT NULL, "response" INTEGER, "dismissed_by" INTEGER, "dismissed_at" INTEGER, "dismissed_reason" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "proposal_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "level", "colour", "reasons", "warnings", "taken_up", "at", "state", "response", "dismissed_by", "dismissed_at", "dismissed_reason", NULL AS row_until FROM "proposal" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "level", "colour", "reasons", "warnings", "taken_up", "at", "state", "response", "dismissed_by", "dismissed_at", "dismissed_reason", row_until FROM "proposal_versions"
--;
CREATE INDEX "proposal_by_state_id" ON "proposal" ("lane", "state", "id")
--;
CREATE INDEX "proposal_by_plan_at_id" ON "proposal" ("lane", "plan", "at", "id")
--;
CREATE TABLE "response" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "plan" TEXT NOT NULL, "definition" TEXT NOT NULL, "case" INTEGER NOT NULL, "event_grade" INTEGER, "colour" TEXT, "level" INTEGER NOT NULL, "commander" INTEGER NOT NULL, "started" INTEGER NOT NULL, "ended" INTEGER, "end_reason" TEXT NOT NULL, "ended_by" INTEGER, "mode" TEXT NOT NULL, "proposal" INTEGER, "warnings" TEXT NOT NULL, "changes" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "response_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "plan" TEXT NOT NULL, "definition" TEXT NOT NULL, "case" INTEGER NOT NULL, "event_grade" INTEGER, "colour" TEXT, "level" INTEGER NOT NULL, "commander" INTEGER NOT NULL, "started" INTEGER NOT NULL, "ended" INTEGER, "end_reason" TEXT NOT NULL, "ended_by" INTEGER, "mode" TEXT NOT NULL, "proposal" INTEGER, "warnings" TEXT NOT NULL, "changes" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "response_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "definition", "case", "event_grade", "colour", "level", "commander", "started", "ended", "end_reason", "ended_by", "mode", "proposal", "warnings", "changes", NULL AS row_until FROM "response" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "definition", "case", "event_grade", "colour", "level", "commander", "started", "ended", "end_reason", "ended_by", "mode", "proposal", "warnings", "changes", row_until FROM "response_versions"
--;
CREATE INDEX "response_by_plan_id" ON "response" ("lane", "plan", "id")
--;
CREATE INDEX "response_by_ended_id" ON "response" ("lane", "ended", "id")
--;
CREATE INDEX "response_by_case_id" ON "response" ("lane", "case", "id")
--;
CREATE TABLE "calling" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "plan" TEXT NOT NULL, "response" INTEGER, "warnings" TEXT NOT NULL, "post" TEXT NOT NULL, "label" TEXT NOT NULL, "role" TEXT NOT NULL, "step" INTEGER NOT NULL, "account" INTEGER NOT NULL, "called" INTEGER NOT NULL, "minutes" REAL NOT NULL, "due" INTEGER NOT NULL, "next_due" INTEGER, "state" TEXT NOT NULL, "confirmed" INTEGER, "confirmed_by" INTEGER, "channel" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "calling_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "plan" TEXT NOT NULL, "response" INTEGER, "warnings" TEXT NOT NULL, "post" TEXT NOT NULL, "label" TEXT NOT NULL, "role" TEXT NOT NULL, "step" INTEGER NOT NULL, "account" INTEGER NOT NULL, "called" INTEGER NOT NULL, "minutes" REAL NOT NULL, "due" INTEGER NOT NULL, "next_due" INTEGER, "state" TEXT NOT NULL, "confirmed" INTEGER, "confirmed_by" INTEGER, "channel" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "calling_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "response", "warnings", "post", "label", "role", "step", "account", "called", "minutes", "due", "next_due", "state", "confirmed", "confirmed_by", "channel", NULL AS row_until FROM "calling" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "plan", "response", "warnings", "post", "label", "role", "step", "account", "called", "minutes", "due", "next_due", "state", "confirmed", "confirmed_by", "channel", row_until FROM "calling_versions"
--;
CREATE INDEX "calling_by_next_due_id" ON "calling" ("lane", "next_due", "id")
--;
CREATE INDEX "calling_by_response_id" ON "calling" ("lane", "response", "id")
--;
CREATE INDEX "calling_by_account_state_id" ON "calling" ("lane", "account", "state", "id")
--;
CREATE INDEX "calling_by_plan_called_id" ON "calling" ("lane", "plan", "called", "id")
--;
CREATE TABLE "mode" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "state" TEXT NOT NULL, "responses" TEXT NOT NULL, "roles" TEXT NOT NULL, "after" INTEGER NOT NULL, "cases" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "mode_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "state" TEXT NOT NULL, "responses" TEXT NOT NULL, "roles" TEXT NOT NULL, "after" INTEGER NOT NULL, "cases" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "mode_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "since", "until", "state", "responses", "roles", "after", "cases", NULL AS row_until FROM "mode" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "since", "until", "state", "responses", "roles", "after", "cases", row_until FROM "mode_versions"
--;
CREATE INDEX "mode_by_until_id" ON "mode" ("lane", "until", "id")
--;
CREATE INDEX "mode_by_name_since_id" ON "mode" ("lane", "name", "since", "id")
--;
CREATE TABLE "resource" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "kind" TEXT NOT NULL, "amount" REAL NOT NULL, "unit" TEXT NOT NULL, "organisation" INTEGER, "place" INTEGER, "reserved" REAL NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "resource_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "kind" TEXT NOT NULL, "amount" REAL NOT NULL, "unit" TEXT NOT NULL, "organisation" INTEGER, "place" INTEGER, "reserved" REAL NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "resource_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "amount", "unit", "organisation", "place", "reserved", NULL AS row_until FROM "resource" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "code", "name", "kind", "amount", "unit", "organisation", "place", "reserved", row_until FROM "resource_versions"
--;
CREATE INDEX "resource_by_kind_id" ON "resource" ("lane", "kind", "id")
--;
CREATE INDEX "resource_by_code_id" ON "resource" ("lane", "code", "id")
--;
CREATE TABLE "reservation" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "resource" INTEGER NOT NULL, "response" INTEGER NOT NULL, "kind" TEXT NOT NULL, "amount" REAL NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "released_by" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "reservation_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "resource" INTEGER NOT NULL, "response" INTEGER NOT NULL, "kind" TEXT NOT NULL, "amount" REAL NOT NULL, "since" INTEGER NOT NULL, "until" INTEGER, "released_by" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "reservation_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "resource", "response", "kind", "amount", "since", "until", "released_by", NULL AS row_until FROM "reservation" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "resource", "response", "kind", "amount", "since", "until", "released_by", row_until FROM "reservation_versions"
--;
CREATE INDEX "reservation_by_response_id" ON "reservation" ("lane", "response", "id")
--;
CREATE INDEX "reservation_by_resource_until_id" ON "reservation" ("lane", "resource", "until", "id")
--;
CREATE TABLE "upper_report" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "platform" TEXT NOT NULL, "number" TEXT NOT NULL, "case" INTEGER, "event" TEXT NOT NULL, "key" TEXT NOT NULL, "action" TEXT NOT NULL, "at" INTEGER NOT NULL, "facts" TEXT NOT NULL, "state" TEXT NOT NULL, "after" INTEGER NOT NULL, "attempts" INTEGER NOT NULL, "sent" INTEGER, "error" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "upper_report_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "platform" TEXT NOT NULL, "number" TEXT NOT NULL, "case" INTEGER, "event" TEXT NOT NULL, "key" TEXT NOT NULL, "action" TEXT NOT NULL, "at" INTEGER NOT NULL, "facts" TEXT NOT NULL, "state" TEXT NOT NULL, "after" INTEGER NOT NULL, "attempts" INTEGER NOT NULL, "sent" INTEGER, "error" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "upper_report_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "platform", "number", "case", "event", "key", "action", "at", "facts", "state", "after", "attempts", "sent", "error", NULL AS row_until FROM "upper_report" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "platform", "number", "case", "event", "key", "action", "at", "facts", "state", "after", "attempts", "sent", "error", row_until FROM "upper_report_versions"
--;
CREATE INDEX "upper_report_by_platform_state_id" ON "upper_report" ("lane", "platform", "state", "id")
--;
CREATE INDEX "upper_report_by_case_action_state_id" ON "upper_report" ("lane", "case", "action", "state", "id")
--;
CREATE INDEX "upper_report_by_number_id" ON "upper_report" ("lane", "number", "id")
--;
CREATE TABLE "call" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "direction" TEXT NOT NULL, "subject" INTEGER NOT NULL, "number" BLOB, "state" TEXT NOT NULL, "account" INTEGER, "case" INTEGER, "purpose" TEXT NOT NULL, "returns" INTEGER, "began" INTEGER NOT NULL, "ended" INTEGER, "number_hash" BLOB, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "call_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "direction" TEXT NOT NULL, "subject" INTEGER NOT NULL, "number" BLOB, "state" TEXT NOT NULL, "account" INTEGER, "case" INTEGER, "purpose" TEXT NOT NULL, "returns" INTEGER, "began" INTEGER NOT NULL, "ended" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "call_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "direction", "subject", "number", "state", "account", "case", "purpose", "returns", "began", "ended", NULL AS row_until FROM "call" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "direction", "subject", "number", "state", "account", "case", "purpose", "returns", "began", "ended", row_until FROM "call_versions"
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
CREATE TABLE "article" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "title" TEXT NOT NULL, "text" TEXT NOT NULL, "keywords" TEXT NOT NULL, "category" TEXT NOT NULL, "unit" INTEGER, "since" INTEGER NOT NULL, "until" INTEGER, "source" TEXT NOT NULL, "state" TEXT NOT NULL, "edition" INTEGER NOT NULL, "revises" INTEGER, "written_by" INTEGER NOT NULL, "written" INTEGER NOT NULL, "approved_by" INTEGER, "approved" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "article_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "title" TEXT NOT NULL, "text" TEXT NOT NULL, "keywords" TEXT NOT NULL, "category" TEXT NOT NULL, "unit" INTEGER, "since" INTEGER NOT NULL, "until" INTEGER, "source" TEXT NOT NULL, "state" TEXT NOT NULL, "edition" INTEGER NOT NULL, "revises" INTEGER, "written_by" INTEGER NOT NULL, "written" INTEGER NOT NULL, "approved_by" INTEGER, "approved" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "article_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "title", "text", "keywords", "category", "unit", "since", "until", "source", "state", "edition", "revises", "written_by", "written", "approved_by", "approved", NULL AS row_until FROM "article" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "title", "text", "keywords", "category", "unit", "since", "until", "source", "state", "edition", "revises", "written_by", "written", "approved_by", "approved", row_until FROM "article_versions"
--;
CREATE INDEX "article_by_state_category_id" ON "article" ("lane", "state", "category", "id")
--;
CREATE INDEX "article_by_revises_id" ON "article" ("lane", "revises", "id")
--;
CREATE INDEX "article_by_unit_id" ON "article" ("lane", "unit", "id")
--;
CREATE VIRTUAL TABLE "article_words" USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'")
--;
CREATE TABLE "correction" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "article" INTEGER NOT NULL, "text" TEXT NOT NULL, "by" INTEGER NOT NULL, "at" INTEGER NOT NULL, "unit" INTEGER, "state" TEXT NOT NULL, "answered_by" INTEGER, "answered" INTEGER, "answer" TEXT NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "correction_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "article" INTEGER NOT NULL, "text" TEXT NOT NULL, "by" INTEGER NOT NULL, "at" INTEGER NOT NULL, "unit" INTEGER, "state" TEXT NOT NULL, "answered_by" INTEGER, "answered" INTEGER, "answer" TEXT NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "correction_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "article", "text", "by", "at", "unit", "state", "answered_by", "answered", "answer", NULL AS row_until FROM "correction" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "article", "text", "by", "at", "unit", "state", "answered_by", "answered", "answer", row_until FROM "correction_versions"
--;
CREATE INDEX "correction_by_state_at_id" ON "correction" ("lane", "state", "at", "id")
--;
CREATE INDEX "correction_by_article_id" ON "correction" ("lane", "article", "id")
--;
CREATE TABLE "subscription" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "account" INTEGER NOT NULL, "name" TEXT NOT NULL, "url" TEXT NOT NULL, "kinds" TEXT NOT NULL, "place" INTEGER, "organisation" INTEGER, "secret" BLOB, "key_id" TEXT NOT NULL, "state" TEXT NOT NULL, "why" TEXT NOT NULL, "failures" INTEGER NOT NULL, "failing_since" INTEGER, "next_try" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "subscription_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "account" INTEGER NOT NULL, "name" TEXT NOT NULL, "url" TEXT NOT NULL, "kinds" TEXT NOT NULL, "place" INTEGER, "organisation" INTEGER, "secret" BLOB, "key_id" TEXT NOT NULL, "state" TEXT NOT NULL, "why" TEXT NOT NULL, "failures" INTEGER NOT NULL, "failing_since" INTEGER, "next_try" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "subscription_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "name", "url", "kinds", "place", "organisation", "secret", "key_id", "state", "why", "failures", "failing_since", "next_try", NULL AS row_until FROM "subscription" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "account", "name", "url", "kinds", "place", "organisation", "secret", "key_id", "state", "why", "failures", "failing_since", "next_try", row_until FROM "subscription_versions"
--;
CREATE INDEX "subscription_by_account_id" ON "subscription" ("lane", "account", "id")
--;
CREATE INDEX "subscription_by_state_next_try_id" ON "subscription" ("lane", "state", "next_try", "id")
--;
CREATE TABLE "delivery" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "subscription" INTEGER NOT NULL, "of_lane" INTEGER NOT NULL, "first" INTEGER NOT NULL, "last" INTEGER NOT NULL, "count" INTEGER NOT NULL, "state" TEXT NOT NULL, "kind" TEXT NOT NULL, "status" INTEGER, "error" TEXT NOT NULL, "attempts" INTEGER NOT NULL, "at" INTEGER NOT NULL, "again" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "delivery_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "subscription" INTEGER NOT NULL, "of_lane" INTEGER NOT NULL, "first" INTEGER NOT NULL, "last" INTEGER NOT NULL, "count" INTEGER NOT NULL, "state" TEXT NOT NULL, "kind" TEXT NOT NULL, "status" INTEGER, "error" TEXT NOT NULL, "attempts" INTEGER NOT NULL, "at" INTEGER NOT NULL, "again" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "delivery_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subscription", "of_lane", "first", "last", "count", "state", "kind", "status", "error", "attempts", "at", "again", NULL AS row_until FROM "delivery" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "subscription", "of_lane", "first", "last", "count", "state", "kind", "status", "error", "attempts", "at", "again", row_until FROM "delivery_versions"
--;
CREATE INDEX "delivery_by_subscription_at_id" ON "delivery" ("lane", "subscription", "at", "id")
--;
CREATE INDEX "delivery_by_state_id" ON "delivery" ("lane", "state", "id")
--;
CREATE TABLE "api_key" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "may" TEXT NOT NULL, "digest" TEXT NOT NULL, "shown" TEXT NOT NULL, "per_minute" INTEGER NOT NULL, "by" INTEGER NOT NULL, "since" INTEGER NOT NULL, "revoked" INTEGER, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "api_key_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "name" TEXT NOT NULL, "may" TEXT NOT NULL, "digest" TEXT NOT NULL, "shown" TEXT NOT NULL, "per_minute" INTEGER NOT NULL, "by" INTEGER NOT NULL, "since" INTEGER NOT NULL, "revoked" INTEGER, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "api_key_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "may", "digest", "shown", "per_minute", "by", "since", "revoked", NULL AS row_until FROM "api_key" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "name", "may", "digest", "shown", "per_minute", "by", "since", "revoked", row_until FROM "api_key_versions"
--;
CREATE INDEX "api_key_by_digest_id" ON "api_key" ("lane", "digest", "id")
--;
CREATE TABLE "support" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "device" TEXT NOT NULL, "from_where" TEXT NOT NULL, "at" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "support_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "device" TEXT NOT NULL, "from_where" TEXT NOT NULL, "at" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "support_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "device", "from_where", "at", NULL AS row_until FROM "support" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "device", "from_where", "at", row_until FROM "support_versions"
--;
CREATE INDEX "support_by_case_from_where_id" ON "support" ("lane", "case", "from_where", "id")
--;
CREATE UNIQUE INDEX "support_of_case_device" ON "support" ("lane", "case", "device") WHERE retired IS NULL
--;
CREATE TABLE "rating" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "ended" INTEGER NOT NULL, "solved" INTEGER NOT NULL, "satisfaction" INTEGER, "text" BLOB, "subject" INTEGER, "at" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "rating_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "case" INTEGER NOT NULL, "ended" INTEGER NOT NULL, "solved" INTEGER NOT NULL, "satisfaction" INTEGER, "text" BLOB, "subject" INTEGER, "at" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "rating_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "ended", "solved", "satisfaction", "text", "subject", "at", NULL AS row_until FROM "rating" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "case", "ended", "solved", "satisfaction", "text", "subject", "at", row_until FROM "rating_versions"
--;
CREATE INDEX "rating_by_case_id" ON "rating" ("lane", "case", "id")
--;
CREATE TABLE "topic_member" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "topic" INTEGER NOT NULL, "opened" INTEGER NOT NULL, PRIMARY KEY ("lane", "id")) STRICT
--;
CREATE TABLE "topic_member_versions" ("lane" INTEGER NOT NULL, "id" INTEGER NOT NULL, "version" INTEGER NOT NULL, "row_since" INTEGER NOT NULL, "row_at" INTEGER NOT NULL, "provenance" TEXT NOT NULL, "retired" INTEGER, "topic" INTEGER NOT NULL, "opened" INTEGER NOT NULL, "row_until" INTEGER NOT NULL, PRIMARY KEY ("lane", "id", "version")) STRICT
--;
CREATE VIEW "topic_member_history" AS SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "topic", "opened", NULL AS row_until FROM "topic_member" UNION ALL SELECT "lane", "id", "version", "row_since", "row_at", "provenance", "retired", "topic", "opened", row_until FROM "topic_member_versions"
--;
CREATE INDEX "topic_member_by_topic_id" ON "topic_member" ("lane", "topic", "id")
--;
CREATE INDEX "topic_member_by_opened_id" ON "topic_member" ("lane", "opened", "id")
--;
CREATE TRIGGER "journal_no_update" BEFORE UPDATE ON "journal" BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
--;
CREATE TRIGGER "journal_no_delete" BEFORE DELETE ON "journal" BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
--;
CREATE TABLE observation_lane (
    lane INTEGER NOT NULL PRIMARY KEY,
    first_chunk INTEGER NOT NULL,
    next_chunk INTEGER NOT NULL,
    next_run INTEGER NOT NULL,
    tail_rows INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    folds INTEGER NOT NULL,
    amendments INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    lease_owner INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT
--;
CREATE TABLE observation_chunk (
    lane INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (lane, chunk)
) STRICT
--;
CREATE TABLE observation_run (
    lane INTEGER NOT NULL,
    run INTEGER NOT NULL,
    level INTEGER NOT NULL,
    first_chunk INTEGER NOT NULL,
    last_chunk INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    stream_min INTEGER NOT NULL,
    stream_max INTEGER NOT NULL,
    time_min INTEGER NOT NULL,
    time_max INTEGER NOT NULL,
    catalog BLOB NOT NULL,
    PRIMARY KEY (lane, run)
) STRICT
--;
CREATE TABLE observation_segment (
    lane INTEGER NOT NULL,
    run INTEGER NOT NULL,
    part INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (lane, run, part)
) STRICT
--;
CREATE TABLE observation_archive (
    lane INTEGER NOT NULL,
    run INTEGER NOT NULL,
    day TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    time_min INTEGER NOT NULL,
    time_max INTEGER NOT NULL,
    PRIMARY KEY (lane, run)
) STRICT
--;
CREATE TABLE observation_page (
    lane INTEGER NOT NULL,
    page INTEGER NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (lane, page)
) STRICT
--;
CREATE TABLE observation_amend (
    lane INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    was_time INTEGER NOT NULL,
    time INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    number_bits INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    extra BLOB,
    PRIMARY KEY (lane, stream, sequence)
) STRICT
