CREATE TABLE "provision_changes" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"changed_at" bigint NOT NULL,
	"actor" text collate "C" NOT NULL,
	"channel" text collate "C" NOT NULL,
	"reason" text collate "C",
	"kind" text collate "C" NOT NULL,
	"intercom_id" bigint NOT NULL,
	"flat_id" bigint,
	"flat" integer,
	"details" text collate "C" NOT NULL,
	CONSTRAINT "provision_changes_channel" CHECK (channel in ('GRAPHQL', 'REST', 'IMPORT', 'CLI')),
	CONSTRAINT "provision_changes_kinds" CHECK (kind in ('FLAT_CREATED', 'KEYS_ATTACHED', 'KEYS_DETACHED', 'USERS_ATTACHED', 'USERS_DETACHED', 'INTERCOM_CREATED', 'INTERCOM_CHANGED', 'INTERCOM_DELETED')),
	CONSTRAINT "provision_changes_reason" CHECK (length(reason) <= 500),
	CONSTRAINT "provision_changes_flat_number" CHECK ((flat_id is null) = (flat is null))
);
--> statement-breakpoint
CREATE INDEX "provision_changes_flat" ON "provision_changes" USING btree ("flat_id","seq");--> statement-breakpoint
CREATE INDEX "provision_changes_intercom" ON "provision_changes" USING btree ("intercom_id","seq");--> statement-breakpoint
CREATE INDEX "provision_changes_kind" ON "provision_changes" USING btree ("kind","actor","channel","seq");