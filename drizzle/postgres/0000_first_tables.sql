CREATE TABLE "change_log" (
	"one" boolean PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"last_time" bigint NOT NULL,
	"time_before" bigint NOT NULL,
	"timeline" bigint NOT NULL,
	"counts" bigint[] NOT NULL,
	CONSTRAINT "change_log_one" CHECK (one)
)
-- Its row is updated by each commit: with room on its page a new version needs no new entry in the index.
WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
--> statement-breakpoint
CREATE TABLE "changes" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"changed_at" bigint NOT NULL,
	"actor" text collate "C" NOT NULL,
	"channel" text collate "C" NOT NULL,
	"reason" text collate "C",
	"flat_id" bigint NOT NULL,
	"intercom_id" bigint NOT NULL,
	"flat" integer NOT NULL,
	"before_smartphone_sip" boolean NOT NULL,
	"before_landline_sip" boolean NOT NULL,
	"before_analog" boolean NOT NULL,
	"after_smartphone_sip" boolean NOT NULL,
	"after_landline_sip" boolean NOT NULL,
	"after_analog" boolean NOT NULL,
	CONSTRAINT "changes_channel" CHECK (channel in ('GRAPHQL', 'REST', 'IMPORT', 'CLI')),
	CONSTRAINT "changes_reason" CHECK (length(reason) <= 500)
);
--> statement-breakpoint
CREATE TABLE "clock_steps" (
	"seq" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "database_state" (
	"one" boolean PRIMARY KEY NOT NULL,
	"epoch" text collate "C" NOT NULL,
	"identity" text collate "C" NOT NULL,
	"pruned_to" bigint NOT NULL,
	"tokens_version" bigint NOT NULL,
	CONSTRAINT "database_state_one" CHECK (one)
);
--> statement-breakpoint
CREATE TABLE "flat_users" (
	"flat_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	CONSTRAINT "flat_users_flat_id_user_id_pk" PRIMARY KEY("flat_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "flats" (
	"id" bigint PRIMARY KEY NOT NULL,
	"intercom_id" bigint NOT NULL,
	"flat" integer NOT NULL,
	"smartphone_sip" boolean NOT NULL,
	"landline_sip" boolean NOT NULL,
	"analog" boolean NOT NULL,
	"version" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"lines" smallint GENERATED ALWAYS AS (1 * smartphone_sip::int + 2 * landline_sip::int + 4 * analog::int) STORED,
	"changed" boolean GENERATED ALWAYS AS (version > 1) STORED,
	CONSTRAINT "flats_intercom_flat" UNIQUE("intercom_id","flat"),
	CONSTRAINT "flats_flat" CHECK (flat between 1 and 2147483647),
	CONSTRAINT "flats_version" CHECK (version >= 1)
);
--> statement-breakpoint
CREATE TABLE "ids" (
	"one" boolean PRIMARY KEY NOT NULL,
	"intercom" bigint NOT NULL,
	"flat" bigint NOT NULL,
	CONSTRAINT "ids_one" CHECK (one)
);
--> statement-breakpoint
CREATE TABLE "intercoms" (
	"id" bigint PRIMARY KEY NOT NULL,
	"title" text collate "C" NOT NULL,
	"title_folded" text collate "C" NOT NULL,
	"external_id" text collate "C",
	"flat_from" integer,
	"flat_to" integer,
	CONSTRAINT "intercoms_external_id" UNIQUE("external_id"),
	CONSTRAINT "intercoms_title" CHECK (length(title) between 1 and 200),
	CONSTRAINT "intercoms_external_id_length" CHECK (length(external_id) between 1 and 100),
	CONSTRAINT "intercoms_range" CHECK ((flat_from is null) = (flat_to is null) and flat_from >= 1 and flat_to <= 2147483647 and flat_from <= flat_to)
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"flat_id" bigint NOT NULL,
	"code" text collate "C" NOT NULL,
	CONSTRAINT "keys_flat_id_code_pk" PRIMARY KEY("flat_id","code"),
	CONSTRAINT "keys_code" CHECK (length(code) between 1 and 64)
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tokens_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text collate "C" NOT NULL,
	"scope" text collate "C" NOT NULL,
	"hash" bytea NOT NULL,
	"created_at" bigint NOT NULL,
	"last_used_at" bigint,
	"revoked_at" bigint,
	CONSTRAINT "tokens_hash" UNIQUE("hash"),
	CONSTRAINT "tokens_name" CHECK (length(name) between 1 and 100),
	CONSTRAINT "tokens_scope" CHECK (scope in ('read', 'write', 'admin')),
	CONSTRAINT "tokens_hash_length" CHECK (length(hash) = 32)
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "users_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"login" text collate "C" NOT NULL,
	CONSTRAINT "users_login" UNIQUE("login"),
	CONSTRAINT "users_login_length" CHECK (length(login) between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "writers" (
	"id" text collate "C" PRIMARY KEY NOT NULL,
	"session" bigint NOT NULL,
	"batch" bigint NOT NULL,
	"base" bigint NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "flat_users" ADD CONSTRAINT "flat_users_flat_id_flats_id_fk" FOREIGN KEY ("flat_id") REFERENCES "flats"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "flat_users" ADD CONSTRAINT "flat_users_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "flats" ADD CONSTRAINT "flats_intercom_id_intercoms_id_fk" FOREIGN KEY ("intercom_id") REFERENCES "intercoms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "keys" ADD CONSTRAINT "keys_flat_id_flats_id_fk" FOREIGN KEY ("flat_id") REFERENCES "flats"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "changes_flat" ON "changes" USING btree ("flat_id","seq");--> statement-breakpoint
CREATE INDEX "changes_intercom" ON "changes" USING btree ("intercom_id","seq");--> statement-breakpoint
CREATE INDEX "changes_actor" ON "changes" USING btree ("actor","channel","seq");--> statement-breakpoint
CREATE INDEX "flat_users_user" ON "flat_users" USING btree ("user_id","flat_id");--> statement-breakpoint
CREATE INDEX "flats_lines_intercom" ON "flats" USING btree ("lines","intercom_id","flat");--> statement-breakpoint
CREATE INDEX "flats_updated" ON "flats" USING btree ("updated_at","id","changed");--> statement-breakpoint
CREATE INDEX "flats_flat" ON "flats" USING btree ("flat","intercom_id");--> statement-breakpoint
CREATE INDEX "intercoms_title_folded" ON "intercoms" USING btree ("title_folded","id");--> statement-breakpoint
CREATE INDEX "keys_by_code" ON "keys" USING btree ("code","flat_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_live_name" ON "tokens" USING btree ("name") WHERE revoked_at is null;--> statement-breakpoint
INSERT INTO "change_log" VALUES (true, 0, 0, 0, 0, '{0,0,0,0,0,0,0,0}');--> statement-breakpoint
INSERT INTO "ids" VALUES (true, 0, 0);--> statement-breakpoint
-- Who opens the database sees that the identity is not its own, and gives the log its epoch.
INSERT INTO "database_state" VALUES (true, '', '', 0, 0);
