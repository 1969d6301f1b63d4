--
-- PostgreSQL database dump
--

\restrict konter


SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: acceptance; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.acceptance (
    cell integer NOT NULL,
    user_id bigint NOT NULL,
    code text NOT NULL,
    version text NOT NULL,
    way text NOT NULL,
    at timestamp with time zone NOT NULL,
    session_id bigint,
    CONSTRAINT acceptance_way_check CHECK ((way = ANY (ARRAY['agreed'::text, 'deemed'::text])))
);


--
-- Name: account; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.account (
    id bigint NOT NULL,
    cell integer NOT NULL,
    owner_id bigint NOT NULL,
    kind text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    asset text NOT NULL,
    expires_at timestamp with time zone,
    balance bigint DEFAULT 0 NOT NULL,
    floor bigint DEFAULT 0 NOT NULL,
    entry_seq bigint DEFAULT 0 NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT account_above_floor CHECK ((balance >= floor)),
    CONSTRAINT account_check CHECK ((cell = (id & (255)::bigint)))
)
WITH (fillfactor='80');


--
-- Name: adjustment; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.adjustment (
    id bigint NOT NULL,
    cell integer NOT NULL,
    sale_id bigint NOT NULL,
    payer text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    delivery jsonb,
    charged_rp bigint,
    written_off_rp bigint,
    balance_before_rp bigint,
    balance_after_rp bigint,
    CONSTRAINT adjustment_charged_rp_check CHECK ((charged_rp >= 0)),
    CONSTRAINT adjustment_check CHECK (((cell = (id & (255)::bigint)) AND (cell = (sale_id & (255)::bigint)))),
    CONSTRAINT adjustment_check1 CHECK (((state = 'asked'::text) = (decided_by IS NULL))),
    CONSTRAINT adjustment_check2 CHECK (((decided_by IS NULL) OR (decided_by <> asked_by))),
    CONSTRAINT adjustment_check3 CHECK (((state = 'done'::text) = ((delivery IS NOT NULL) AND (charged_rp IS NOT NULL) AND (written_off_rp IS NOT NULL)))),
    CONSTRAINT adjustment_payer_check CHECK ((payer = ANY (ARRAY['outlet'::text, 'house'::text, 'if_held'::text]))),
    CONSTRAINT adjustment_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'done'::text, 'declined'::text]))),
    CONSTRAINT adjustment_written_off_rp_check CHECK ((written_off_rp >= 0))
);


--
-- Name: api_client; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_client (
    id bigint NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    per_minute integer NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_on date,
    revoked_by text,
    revoked_at timestamp with time zone,
    CONSTRAINT api_client_check CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT api_client_per_minute_check CHECK ((per_minute > 0))
);


--
-- Name: api_key; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_key (
    id bigint NOT NULL,
    client_id bigint NOT NULL,
    key_hash bytea NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_by text,
    revoked_at timestamp with time zone,
    CONSTRAINT api_key_check CHECK (((revoked_at IS NULL) = (revoked_by IS NULL)))
);


--
-- Name: application; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.application (
    id bigint NOT NULL,
    cell integer NOT NULL,
    state text NOT NULL,
    msisdn bigint,
    numbers bigint[] NOT NULL,
    locale text NOT NULL,
    token_hash bytea NOT NULL,
    token_expires_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    touched_at timestamp with time zone NOT NULL,
    kind text,
    outlet_name text,
    owner_sealed text,
    nik_sealed text,
    nik_key text,
    address_sealed text,
    district text,
    latitude_udeg integer,
    longitude_udeg integer,
    rs_msisdn bigint,
    nn_msisdn bigint,
    ussd_msisdn bigint,
    photo_at timestamp with time zone,
    form_version text,
    signatory_sealed text,
    capacity text,
    declared_at timestamp with time zone,
    submit_ref uuid,
    submitted_at timestamp with time zone,
    due_at timestamp with time zone,
    partner_id bigint,
    recommended_at timestamp with time zone,
    recommended_by text,
    supports boolean,
    note text,
    returned_at timestamp with time zone,
    returned_code text,
    decided_at timestamp with time zone,
    decided_by text,
    reason text,
    outlet_id bigint,
    user_id bigint,
    ended_at timestamp with time zone,
    erased_at timestamp with time zone,
    terms_version text,
    CONSTRAINT application_capacity_check CHECK ((capacity = ANY (ARRAY['owner'::text, 'authorised'::text]))),
    CONSTRAINT application_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT application_check1 CHECK (((msisdn IS NOT NULL) OR (erased_at IS NOT NULL))),
    CONSTRAINT application_check2 CHECK (((latitude_udeg IS NULL) = (longitude_udeg IS NULL))),
    CONSTRAINT application_decided CHECK (((state <> ALL (ARRAY['approved'::text, 'rejected'::text])) OR (decided_at IS NOT NULL))),
    CONSTRAINT application_ended CHECK (((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'recommended'::text])) = (ended_at IS NULL))),
    CONSTRAINT application_kind_check CHECK ((kind = ANY (ARRAY['outlet'::text, 'individual'::text]))),
    CONSTRAINT application_locale_check CHECK ((locale = ANY (ARRAY['id'::text, 'en'::text]))),
    CONSTRAINT application_opened CHECK (((state = 'approved'::text) = ((outlet_id IS NOT NULL) AND (user_id IS NOT NULL)))),
    CONSTRAINT application_queued CHECK (((state <> ALL (ARRAY['submitted'::text, 'recommended'::text])) OR ((submitted_at IS NOT NULL) AND (due_at IS NOT NULL) AND (partner_id IS NOT NULL) AND (district IS NOT NULL)))),
    CONSTRAINT application_recommended CHECK (((state <> 'recommended'::text) OR (recommended_at IS NOT NULL))),
    CONSTRAINT application_rejected_why CHECK (((state <> 'rejected'::text) OR (reason IS NOT NULL))),
    CONSTRAINT application_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'recommended'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text, 'lapsed'::text]))),
    CONSTRAINT application_terms_version_check CHECK (((length(terms_version) >= 1) AND (length(terms_version) <= 20)))
);


--
-- Name: application_nik_key; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.application_nik_key (
    nik_key text NOT NULL,
    cell integer NOT NULL,
    purpose text NOT NULL,
    application_id bigint NOT NULL,
    CONSTRAINT application_nik_key_purpose_check CHECK ((purpose = ANY (ARRAY['open'::text, 'individual'::text])))
);


--
-- Name: application_number; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.application_number (
    msisdn bigint NOT NULL,
    cell integer NOT NULL,
    application_id bigint NOT NULL,
    proved_at timestamp with time zone NOT NULL
);


--
-- Name: application_photo; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.application_photo (
    application_id bigint NOT NULL,
    cell integer NOT NULL,
    sealed bytea NOT NULL,
    size_bytes integer NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT application_photo_size_bytes_check CHECK ((size_bytes > 0))
);


--
-- Name: area; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.area (
    code text NOT NULL,
    parent text,
    level text NOT NULL,
    name text NOT NULL,
    partner_id bigint,
    parent_level text GENERATED ALWAYS AS (
CASE level
    WHEN 'region'::text THEN 'area'::text
    WHEN 'branch'::text THEN 'region'::text
    WHEN 'cluster'::text THEN 'branch'::text
    WHEN 'depot'::text THEN 'cluster'::text
    ELSE NULL::text
END) STORED,
    CONSTRAINT area_depot_has_partner CHECK (((level = 'depot'::text) = (partner_id IS NOT NULL))),
    CONSTRAINT area_level_check CHECK ((level = ANY (ARRAY['area'::text, 'region'::text, 'branch'::text, 'cluster'::text, 'depot'::text]))),
    CONSTRAINT area_top_has_no_parent CHECK (((level = 'area'::text) = (parent IS NULL)))
);


--
-- Name: audit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit (
    id bigint NOT NULL,
    cell integer NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject_id bigint NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT audit_check CHECK ((cell = (id & (255)::bigint)))
);


--
-- Name: blacklist; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.blacklist (
    id bigint NOT NULL,
    cell integer NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    reason text NOT NULL,
    since timestamp with time zone NOT NULL,
    added_by text NOT NULL,
    lifted_at timestamp with time zone,
    lifting_asked_by text,
    lifted_by text,
    lift_reason text,
    evidence text DEFAULT ''::text NOT NULL,
    CONSTRAINT blacklist_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT blacklist_check1 CHECK (((lifted_at IS NULL) = (lifted_by IS NULL))),
    CONSTRAINT blacklist_key_is_a_hash CHECK ((key ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT blacklist_kind_check CHECK ((kind = ANY (ARRAY['nik'::text, 'rs'::text, 'nn'::text]))),
    CONSTRAINT blacklist_lifted_by_two CHECK ((lifted_by <> lifting_asked_by))
);


--
-- Name: category; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.category (
    code text NOT NULL,
    name_id text NOT NULL,
    name_en text NOT NULL,
    sort integer NOT NULL
);


--
-- Name: clock_offset; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.clock_offset (
    is_only boolean DEFAULT true NOT NULL,
    offset_s bigint DEFAULT 0 NOT NULL,
    CONSTRAINT clock_offset_is_only_check CHECK (is_only)
);


--
-- Name: code_burn; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.code_burn (
    merchant text NOT NULL,
    client_ref uuid NOT NULL,
    cell integer NOT NULL,
    code_id bigint NOT NULL,
    channel text NOT NULL,
    at timestamp with time zone NOT NULL,
    by text NOT NULL,
    CONSTRAINT code_burn_cell_check CHECK (((cell >= 0) AND (cell <= 255))),
    CONSTRAINT code_burn_channel_check CHECK ((channel = ANY (ARRAY['web'::text, 'sms'::text, 'api'::text])))
);


--
-- Name: customer_session; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.customer_session (
    id bigint NOT NULL,
    cell integer NOT NULL,
    subscription_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    agent text NOT NULL,
    address text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT customer_session_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT customer_session_check1 CHECK ((expires_at > created_at)),
    CONSTRAINT customer_session_check2 CHECK (((revoked_at IS NULL) = (revoked_by IS NULL)))
);


--
-- Name: district_day; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.district_day (
    district text NOT NULL,
    day date NOT NULL,
    sales integer NOT NULL,
    sold_rp bigint NOT NULL,
    outlets integer NOT NULL
);


--
-- Name: document; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.document (
    code text NOT NULL,
    version text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    title_id text NOT NULL,
    title_en text NOT NULL,
    text_id text NOT NULL,
    text_en text NOT NULL
);


--
-- Name: entry; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.entry (
    transfer_id bigint NOT NULL,
    leg smallint NOT NULL,
    cell integer NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL,
    asset text NOT NULL,
    amount bigint NOT NULL,
    seq bigint,
    balance_after bigint,
    at timestamp with time zone NOT NULL,
    CONSTRAINT entry_amount_check CHECK ((amount <> 0))
);


--
-- Name: handset_message; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.handset_message (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    direction text NOT NULL,
    peer text NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    outbox_id bigint,
    CONSTRAINT handset_message_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT handset_message_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text])))
);


--
-- Name: health_look; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.health_look (
    id boolean NOT NULL,
    looked_at timestamp with time zone,
    CONSTRAINT health_look_id_check CHECK (id)
);


--
-- Name: house_day; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.house_day (
    cell integer NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    asset text NOT NULL,
    amount bigint NOT NULL
);


--
-- Name: id_block; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.id_block
    START WITH 1024
    INCREMENT BY 1
    MINVALUE 1024
    NO MAXVALUE
    CACHE 1;


--
-- Name: inactivity; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inactivity (
    id bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    policy text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    last_kind text NOT NULL,
    last_id bigint NOT NULL,
    noticed_day integer NOT NULL,
    noticed_at timestamp with time zone,
    notices jsonb NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    decided_at timestamp with time zone,
    decided_by text,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT inactivity_check CHECK (((cell = (id & (255)::bigint)) AND (cell = (outlet_id & (255)::bigint)))),
    CONSTRAINT inactivity_check1 CHECK (((state <> 'review'::text) OR (due_at IS NOT NULL))),
    CONSTRAINT inactivity_check2 CHECK (((state = ANY (ARRAY['warned'::text, 'review'::text])) = (decided_at IS NULL))),
    CONSTRAINT inactivity_check3 CHECK (((decided_at IS NULL) = (decided_by IS NULL))),
    CONSTRAINT inactivity_check4 CHECK (((state <> ALL (ARRAY['terminated'::text, 'spared'::text])) OR (reason <> ''::text))),
    CONSTRAINT inactivity_last_kind_check CHECK ((last_kind = ANY (ARRAY['sale'::text, 'purchase'::text, 'opened'::text, 'spared'::text]))),
    CONSTRAINT inactivity_policy_check CHECK ((policy = ANY (ARRAY['auto'::text, 'review'::text]))),
    CONSTRAINT inactivity_state_check CHECK ((state = ANY (ARRAY['warned'::text, 'review'::text, 'terminated'::text, 'spared'::text, 'resumed'::text])))
);


--
-- Name: inbound_text; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbound_text (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    short_number text NOT NULL,
    ref text NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    state text NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT inbound_text_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT inbound_text_check1 CHECK (((state = 'answered'::text) = (answered_at IS NOT NULL))),
    CONSTRAINT inbound_text_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 80))),
    CONSTRAINT inbound_text_short_number_check CHECK ((short_number ~ '^[0-9]{2,6}$'::text)),
    CONSTRAINT inbound_text_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'answered'::text, 'silent'::text])))
);


--
-- Name: instance; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.instance (
    is_only boolean DEFAULT true NOT NULL,
    mode text NOT NULL,
    seed bigint,
    created_at timestamp with time zone NOT NULL,
    ready_at timestamp with time zone,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT instance_is_only_check CHECK (is_only),
    CONSTRAINT instance_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'demo'::text, 'test'::text])))
);


--
-- Name: issued_bill; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.issued_bill (
    id bigint NOT NULL,
    cell integer NOT NULL,
    subscription_id bigint NOT NULL,
    number text NOT NULL,
    brand text NOT NULL,
    segment text DEFAULT ''::text NOT NULL,
    period_begin date NOT NULL,
    period_end date NOT NULL,
    total_rp bigint NOT NULL,
    tax_rp bigint NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    recorded_at timestamp with time zone NOT NULL,
    recorded_by text NOT NULL,
    counted boolean DEFAULT false NOT NULL,
    points bigint DEFAULT 0 NOT NULL,
    CONSTRAINT issued_bill_check CHECK ((period_end >= period_begin)),
    CONSTRAINT issued_bill_check1 CHECK (((tax_rp >= 0) AND (tax_rp <= total_rp))),
    CONSTRAINT issued_bill_check2 CHECK (((cell = (id & (255)::bigint)) AND (cell = (subscription_id & (255)::bigint)))),
    CONSTRAINT issued_bill_number_check CHECK ((number <> ''::text)),
    CONSTRAINT issued_bill_points_check CHECK ((points >= 0)),
    CONSTRAINT issued_bill_total_rp_check CHECK ((total_rp >= 0))
)
WITH (fillfactor='80');


--
-- Name: job; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.job (
    name text NOT NULL,
    last_due timestamp with time zone NOT NULL
);


--
-- Name: login; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.login (
    id bigint NOT NULL,
    cell integer NOT NULL,
    user_id bigint NOT NULL,
    outlet_id bigint,
    purpose text NOT NULL,
    msisdn bigint NOT NULL,
    otp_salt bytea NOT NULL,
    otp_hash bytea NOT NULL,
    otp_sent_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    kind text DEFAULT 'outlet'::text NOT NULL,
    CONSTRAINT login_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT login_has_outlet CHECK (((kind = 'outlet'::text) = (outlet_id IS NOT NULL))),
    CONSTRAINT login_kind_check CHECK ((kind = ANY (ARRAY['outlet'::text, 'partner'::text]))),
    CONSTRAINT login_purpose_check CHECK ((purpose = ANY (ARRAY['login'::text, 'password_reset'::text, 'pin_reset'::text]))),
    CONSTRAINT login_state_check CHECK ((state = ANY (ARRAY['sent'::text, 'passed'::text, 'used'::text, 'dead'::text])))
);


--
-- Name: lost_phone; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.lost_phone (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    way text NOT NULL,
    note text NOT NULL,
    reported_by text NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    lifted_by text,
    lifted_at timestamp with time zone,
    lifted_why text,
    CONSTRAINT lost_phone_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT lost_phone_check1 CHECK ((cell = (((msisdn * 40503) >> 8) & (255)::bigint))),
    CONSTRAINT lost_phone_check2 CHECK ((((lifted_at IS NULL) = (lifted_by IS NULL)) AND ((lifted_at IS NULL) = (lifted_why IS NULL)))),
    CONSTRAINT lost_phone_way_check CHECK ((way = ANY (ARRAY['self'::text, 'owner'::text, 'partner'::text, 'staff'::text, 'client'::text])))
);


--
-- Name: merchant; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.merchant (
    code text NOT NULL,
    name text NOT NULL,
    client_id bigint,
    opened_at timestamp with time zone NOT NULL,
    opened_by text NOT NULL,
    closed_at timestamp with time zone,
    closed_by text,
    CONSTRAINT merchant_check CHECK (((closed_at IS NULL) = (closed_by IS NULL))),
    CONSTRAINT merchant_code_check CHECK ((code ~ '^[A-Z0-9][A-Z0-9_-]{0,29}$'::text)),
    CONSTRAINT merchant_name_check CHECK ((name <> ''::text))
);


--
-- Name: merchant_number; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.merchant_number (
    msisdn bigint NOT NULL,
    cell integer NOT NULL,
    merchant text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by text NOT NULL,
    subscription_id bigint,
    CONSTRAINT merchant_number_cell_check CHECK (((cell >= 0) AND (cell <= 255)))
);


--
-- Name: migration; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.migration (
    number integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    duration_ms bigint NOT NULL,
    CONSTRAINT migration_number_check CHECK ((number > 0))
);


--
-- Name: notification_number; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.notification_number (
    msisdn bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    user_id bigint NOT NULL,
    type text NOT NULL,
    linked_at timestamp with time zone NOT NULL,
    free_from timestamp with time zone,
    CONSTRAINT notification_number_type_check CHECK ((type = ANY (ARRAY['OWNER'::text, 'RESELLER'::text, 'FRONTLINER'::text, 'FAMILY'::text, 'OWNER_OTHER'::text])))
);


--
-- Name: number_conflict; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_conflict (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    older_outlet_id bigint NOT NULL,
    older_at timestamp with time zone NOT NULL,
    newer_outlet_id bigint NOT NULL,
    newer_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    found_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    kept_outlet_id bigint,
    settled_at timestamp with time zone,
    settled_by text,
    settled_why text,
    CONSTRAINT number_conflict_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT number_conflict_check1 CHECK (((older_outlet_id <> newer_outlet_id) AND ((kept_outlet_id = older_outlet_id) OR (kept_outlet_id = newer_outlet_id)))),
    CONSTRAINT number_conflict_check2 CHECK ((((state = 'open'::text) = (settled_at IS NULL)) AND ((state = 'open'::text) = (kept_outlet_id IS NULL)) AND ((state = 'open'::text) = (settled_by IS NULL)) AND ((state = 'open'::text) = (settled_why IS NULL)))),
    CONSTRAINT number_conflict_state_check CHECK ((state = ANY (ARRAY['open'::text, 'settled'::text])))
);


--
-- Name: number_proof; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_proof (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    locale text NOT NULL,
    otp_salt bytea NOT NULL,
    otp_hash bytea NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    state text NOT NULL,
    purpose text DEFAULT 'apply'::text NOT NULL,
    CONSTRAINT number_proof_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT number_proof_locale_check CHECK ((locale = ANY (ARRAY['id'::text, 'en'::text]))),
    CONSTRAINT number_proof_purpose_check CHECK ((purpose = ANY (ARRAY['apply'::text, 'customer'::text]))),
    CONSTRAINT number_proof_state_check CHECK ((state = ANY (ARRAY['sent'::text, 'used'::text, 'dead'::text])))
);


--
-- Name: number_registration; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_registration (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    kind text NOT NULL,
    outlet_id bigint NOT NULL,
    user_id bigint,
    type text,
    begun_at timestamp with time zone NOT NULL,
    begun_by text NOT NULL,
    begun_why text NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    ended_why text,
    CONSTRAINT number_registration_begun_why_check CHECK ((begun_why = ANY (ARRAY['opened'::text, 'registered'::text, 'replaced'::text, 'added'::text, 'moved'::text, 'imported'::text, 'settled'::text, 'before'::text]))),
    CONSTRAINT number_registration_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT number_registration_check1 CHECK ((cell = (((msisdn * 40503) >> 8) & (255)::bigint))),
    CONSTRAINT number_registration_check2 CHECK ((((kind = 'NN'::text) = (user_id IS NOT NULL)) AND ((kind = 'NN'::text) = (type IS NOT NULL)))),
    CONSTRAINT number_registration_check3 CHECK ((((ended_at IS NULL) = (ended_why IS NULL)) AND ((ended_at IS NULL) = (ended_by IS NULL)))),
    CONSTRAINT number_registration_ended_why_check CHECK ((ended_why = ANY (ARRAY['released'::text, 'replaced'::text, 'moved'::text, 'left'::text, 'disabled'::text]))),
    CONSTRAINT number_registration_kind_check CHECK ((kind = ANY (ARRAY['RS'::text, 'NN'::text]))),
    CONSTRAINT number_registration_type_check CHECK ((type = ANY (ARRAY['OWNER'::text, 'RESELLER'::text, 'FRONTLINER'::text, 'FAMILY'::text, 'OWNER_OTHER'::text])))
);


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    cell integer NOT NULL,
    topic text NOT NULL,
    body jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    taken_until timestamp with time zone,
    done_at timestamp with time zone,
    failed_at timestamp with time zone,
    error text,
    CONSTRAINT outbox_check CHECK ((cell = (id & (255)::bigint)))
);


--
-- Name: outlet; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outlet (
    id bigint NOT NULL,
    cell integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    partner_id bigint NOT NULL,
    area text NOT NULL,
    segment text NOT NULL,
    zone text NOT NULL,
    address text NOT NULL,
    wallet_id bigint NOT NULL,
    status text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    hold_s integer DEFAULT 0 NOT NULL,
    district text,
    latitude_udeg integer,
    longitude_udeg integer,
    rs_msisdn bigint,
    proprietor_id bigint,
    stopped_at timestamp with time zone,
    CONSTRAINT outlet_active_has_rs CHECK (((status <> 'active'::text) OR (rs_msisdn IS NOT NULL))),
    CONSTRAINT outlet_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT outlet_hold_s_check CHECK (((hold_s >= 0) AND (hold_s <= 600))),
    CONSTRAINT outlet_kind_check CHECK ((kind = ANY (ARRAY['outlet'::text, 'individual'::text]))),
    CONSTRAINT outlet_position CHECK ((((latitude_udeg IS NULL) = (longitude_udeg IS NULL)) AND ((latitude_udeg >= '-90000000'::integer) AND (latitude_udeg <= 90000000)) AND ((longitude_udeg >= '-180000000'::integer) AND (longitude_udeg <= 180000000)))),
    CONSTRAINT outlet_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'terminated'::text]))),
    CONSTRAINT outlet_zone_check CHECK ((zone = ANY (ARRAY['Asia/Jakarta'::text, 'Asia/Makassar'::text, 'Asia/Jayapura'::text])))
);


--
-- Name: outlet_activity; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outlet_activity (
    outlet_id bigint NOT NULL,
    cell integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    source_id bigint NOT NULL,
    CONSTRAINT outlet_activity_check CHECK ((cell = (outlet_id & (255)::bigint))),
    CONSTRAINT outlet_activity_kind_check CHECK ((kind = ANY (ARRAY['sale'::text, 'purchase'::text])))
)
WITH (fillfactor='80');


--
-- Name: outlet_code; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outlet_code (
    code text NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL
);


--
-- Name: outlet_number; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outlet_number (
    msisdn bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    CONSTRAINT outlet_number_check CHECK ((cell = (((msisdn * 40503) >> 8) & (255)::bigint)))
);


--
-- Name: outlet_user; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outlet_user (
    id bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    nn_msisdn bigint NOT NULL,
    locale text NOT NULL,
    status text NOT NULL,
    password_hash text NOT NULL,
    password_initial boolean NOT NULL,
    password_expires_at timestamp with time zone,
    password_failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    pin_salt bytea NOT NULL,
    pin_hash bytea,
    pin_failures integer DEFAULT 0 NOT NULL,
    pin_locked_at timestamp with time zone,
    opened_at timestamp with time zone NOT NULL,
    nn_released_at timestamp with time zone,
    lost_at timestamp with time zone,
    cooling_from timestamp with time zone,
    CONSTRAINT outlet_user_active_has_nn CHECK (((status <> 'active'::text) OR (nn_released_at IS NULL))),
    CONSTRAINT outlet_user_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT outlet_user_locale_check CHECK ((locale = ANY (ARRAY['id'::text, 'en'::text]))),
    CONSTRAINT outlet_user_role_check CHECK ((role = ANY (ARRAY['OUTLET_OWNER'::text, 'FRONTLINER'::text]))),
    CONSTRAINT outlet_user_status_check CHECK ((status = ANY (ARRAY['active'::text, 'blocked'::text, 'unlinked'::text, 'ended'::text])))
);


--
-- Name: owner; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.owner (
    id bigint NOT NULL,
    cell integer NOT NULL,
    kind text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT owner_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT owner_kind_check CHECK ((kind = ANY (ARRAY['outlet'::text, 'subscription'::text, 'partner'::text, 'staff'::text])))
);


--
-- Name: partner; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.partner (
    id bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    area text NOT NULL,
    status text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    CONSTRAINT partner_status_check CHECK ((status = ANY (ARRAY['active'::text, 'ended'::text])))
);


--
-- Name: partner_number; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.partner_number (
    msisdn bigint NOT NULL,
    cell integer NOT NULL,
    user_id bigint NOT NULL,
    linked_at timestamp with time zone NOT NULL
);


--
-- Name: partner_user; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.partner_user (
    id bigint NOT NULL,
    cell integer NOT NULL,
    partner_id bigint NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    areas text[] DEFAULT '{}'::text[] NOT NULL,
    msisdn bigint NOT NULL,
    locale text NOT NULL,
    status text NOT NULL,
    password_hash text NOT NULL,
    password_initial boolean NOT NULL,
    password_expires_at timestamp with time zone,
    password_failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    opened_at timestamp with time zone NOT NULL,
    lost_at timestamp with time zone,
    CONSTRAINT partner_user_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT partner_user_check1 CHECK (((areas = '{}'::text[]) OR (role = 'SBP_FIELD_SALES'::text))),
    CONSTRAINT partner_user_locale_check CHECK ((locale = ANY (ARRAY['id'::text, 'en'::text]))),
    CONSTRAINT partner_user_role_check CHECK ((role = ANY (ARRAY['SBP_ADMIN'::text, 'SBP_FIELD_SALES'::text]))),
    CONSTRAINT partner_user_status_check CHECK ((status = ANY (ARRAY['active'::text, 'blocked'::text, 'ended'::text])))
);


--
-- Name: past_plan; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.past_plan (
    subscription_id bigint NOT NULL,
    cell integer NOT NULL,
    until timestamp with time zone NOT NULL,
    brand text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT past_plan_check CHECK ((cell = (subscription_id & (255)::bigint))),
    CONSTRAINT past_plan_kind_check CHECK ((kind = ANY (ARRAY['prepaid'::text, 'postpaid'::text])))
);


--
-- Name: point_day; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.point_day (
    day date NOT NULL,
    vintage integer NOT NULL,
    granted bigint NOT NULL,
    taken_back bigint NOT NULL,
    redeemed bigint NOT NULL,
    expired bigint NOT NULL
);


--
-- Name: point_grant; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.point_grant (
    id bigint NOT NULL,
    cell integer NOT NULL,
    subscription_id bigint NOT NULL,
    month date,
    bill_id bigint,
    cause text NOT NULL,
    points bigint NOT NULL,
    worth bigint NOT NULL,
    basis_rp bigint NOT NULL,
    steps bigint NOT NULL,
    step_rp bigint NOT NULL,
    per_step integer NOT NULL,
    multiplier integer NOT NULL,
    tier text NOT NULL,
    brand text NOT NULL,
    vintage integer NOT NULL,
    rule text NOT NULL,
    caused_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    at timestamp with time zone NOT NULL,
    CONSTRAINT point_grant_cause_check CHECK ((cause = ANY (ARRAY['recharge'::text, 'bill'::text, 'taken_back'::text]))),
    CONSTRAINT point_grant_check CHECK (((cell = (id & (255)::bigint)) AND (cell = (subscription_id & (255)::bigint)))),
    CONSTRAINT point_grant_check1 CHECK (((month IS NULL) <> (bill_id IS NULL))),
    CONSTRAINT point_grant_check2 CHECK (((cause = 'taken_back'::text) = (points < 0))),
    CONSTRAINT point_grant_points_check CHECK ((points <> 0)),
    CONSTRAINT point_grant_worth_check CHECK ((worth >= 0))
);


--
-- Name: point_month; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.point_month (
    subscription_id bigint NOT NULL,
    cell integer NOT NULL,
    month date NOT NULL,
    counted_rp bigint NOT NULL,
    points bigint NOT NULL,
    CONSTRAINT point_month_check CHECK ((cell = (subscription_id & (255)::bigint))),
    CONSTRAINT point_month_counted_rp_check CHECK ((counted_rp >= 0)),
    CONSTRAINT point_month_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT point_month_points_check CHECK ((points >= 0))
)
WITH (fillfactor='80');


--
-- Name: point_notice; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.point_notice (
    subscription_id bigint NOT NULL,
    cell integer NOT NULL,
    vintage integer NOT NULL,
    days_before integer NOT NULL,
    points bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT point_notice_check CHECK ((cell = (subscription_id & (255)::bigint))),
    CONSTRAINT point_notice_days_before_check CHECK ((days_before > 0)),
    CONSTRAINT point_notice_points_check CHECK ((points > 0))
);


--
-- Name: point_notice_run; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.point_notice_run (
    vintage integer NOT NULL,
    days_before integer NOT NULL,
    told bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT point_notice_run_days_before_check CHECK ((days_before > 0)),
    CONSTRAINT point_notice_run_told_check CHECK ((told >= 0))
);


--
-- Name: point_run; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.point_run (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    up_to timestamp with time zone NOT NULL,
    grants integer NOT NULL,
    in_time integer DEFAULT 0 NOT NULL,
    late integer DEFAULT 0 NOT NULL,
    waited_s bigint DEFAULT 0 NOT NULL,
    CONSTRAINT point_run_name_check CHECK ((name = ANY (ARRAY['recharges'::text, 'bills'::text])))
);


--
-- Name: price; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.price (
    product text NOT NULL,
    area text DEFAULT ''::text NOT NULL,
    segment text DEFAULT ''::text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    cost_rp bigint NOT NULL,
    cost_bp integer DEFAULT 0 NOT NULL,
    suggested_rp bigint NOT NULL,
    suggested_bp integer DEFAULT 0 NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    CONSTRAINT price_check CHECK (((cost_rp >= 0) AND (cost_bp >= 0) AND ((cost_rp + cost_bp) > 0))),
    CONSTRAINT price_check1 CHECK (((suggested_rp >= 0) AND (suggested_bp >= 0)))
);


--
-- Name: product; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.product (
    code text NOT NULL,
    category text NOT NULL,
    kind text NOT NULL,
    name_id text NOT NULL,
    name_en text NOT NULL,
    nominal_rp bigint,
    amount_min_rp bigint,
    amount_max_rp bigint,
    amount_step_rp bigint,
    validity_days integer,
    open boolean NOT NULL,
    sort integer NOT NULL,
    CONSTRAINT product_check CHECK (((kind <> 'recharge'::text) OR ((nominal_rp IS NULL) <> (amount_min_rp IS NULL)))),
    CONSTRAINT product_check1 CHECK (((kind <> 'package'::text) OR (validity_days IS NOT NULL))),
    CONSTRAINT product_kind_check CHECK ((kind = ANY (ARRAY['recharge'::text, 'package'::text]))),
    CONSTRAINT product_nominal_rp_check CHECK ((nominal_rp > 0)),
    CONSTRAINT product_validity_days_check CHECK ((validity_days > 0))
);


--
-- Name: product_bucket; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.product_bucket (
    product text NOT NULL,
    no integer NOT NULL,
    source text NOT NULL,
    asset text NOT NULL,
    amount bigint NOT NULL,
    validity_days integer NOT NULL,
    CONSTRAINT product_bucket_amount_check CHECK ((amount > 0)),
    CONSTRAINT product_bucket_asset_check CHECK ((asset = ANY (ARRAY['BYTES'::text, 'SECONDS'::text, 'MESSAGES'::text, 'DAYS'::text]))),
    CONSTRAINT product_bucket_no_check CHECK (((no >= 1) AND (no <= 8))),
    CONSTRAINT product_bucket_validity_days_check CHECK ((validity_days > 0))
);


--
-- Name: product_closure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.product_closure (
    product text NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    closed_by text NOT NULL,
    reason text NOT NULL,
    opened_at timestamp with time zone,
    opened_by text,
    CONSTRAINT product_closure_check CHECK (((opened_at IS NULL) = (opened_by IS NULL)))
);


--
-- Name: product_health; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.product_health (
    product text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    sales integer NOT NULL,
    slow integer NOT NULL,
    refused integer NOT NULL,
    unanswered integer NOT NULL,
    CONSTRAINT product_health_state_check CHECK ((state = ANY (ARRAY['slow'::text, 'closed'::text])))
);


--
-- Name: proposal; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.proposal (
    id bigint NOT NULL,
    cell integer NOT NULL,
    kind text NOT NULL,
    subject_id bigint NOT NULL,
    data jsonb NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    proposed_by bigint NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    decided_why text,
    CONSTRAINT proposal_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT proposal_check1 CHECK ((cell = (subject_id & (255)::bigint))),
    CONSTRAINT proposal_check2 CHECK ((decided_by IS DISTINCT FROM proposed_by)),
    CONSTRAINT proposal_check3 CHECK (((decided_by IS NULL) = (decided_at IS NULL))),
    CONSTRAINT proposal_check4 CHECK (((state = ANY (ARRAY['approved'::text, 'rejected'::text])) = (decided_by IS NOT NULL))),
    CONSTRAINT proposal_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'rejected'::text, 'lapsed'::text])))
);


--
-- Name: rate_window; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rate_window (
    key text NOT NULL,
    cell integer NOT NULL,
    window_at timestamp with time zone NOT NULL,
    count integer NOT NULL
);


--
-- Name: receipt; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.receipt (
    transfer_id bigint NOT NULL,
    cell integer NOT NULL,
    owner_id bigint NOT NULL,
    outcome text NOT NULL,
    data jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT receipt_check CHECK ((cell = (owner_id & (255)::bigint))),
    CONSTRAINT receipt_outcome_check CHECK ((outcome = ANY (ARRAY['received'::text, 'refused'::text])))
);


--
-- Name: redemption; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.redemption (
    id bigint NOT NULL,
    cell integer NOT NULL,
    subscription_id bigint NOT NULL,
    client_ref uuid NOT NULL,
    request_hash bytea NOT NULL,
    reward text NOT NULL,
    points bigint NOT NULL,
    points_after bigint NOT NULL,
    status text NOT NULL,
    channel text NOT NULL,
    delivery jsonb,
    why jsonb NOT NULL,
    rule text NOT NULL,
    at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    deadline timestamp with time zone,
    reason text,
    CONSTRAINT redemption_channel_check CHECK ((channel = ANY (ARRAY['web'::text, 'app'::text, 'ussd'::text, 'sms'::text, 'care'::text, 'api'::text]))),
    CONSTRAINT redemption_check CHECK (((cell = (id & (255)::bigint)) AND (cell = (subscription_id & (255)::bigint)))),
    CONSTRAINT redemption_check1 CHECK (((status = 'checking'::text) = (resolved_at IS NULL))),
    CONSTRAINT redemption_check2 CHECK (((status <> 'checking'::text) OR (deadline IS NOT NULL))),
    CONSTRAINT redemption_check3 CHECK (((status = 'done'::text) = (delivery IS NOT NULL))),
    CONSTRAINT redemption_check4 CHECK (((status = 'refunded'::text) = (reason IS NOT NULL))),
    CONSTRAINT redemption_points_after_check CHECK ((points_after >= 0)),
    CONSTRAINT redemption_points_check CHECK ((points > 0)),
    CONSTRAINT redemption_status_check CHECK ((status = ANY (ARRAY['checking'::text, 'done'::text, 'refunded'::text])))
)
WITH (fillfactor='80');


--
-- Name: reference_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reference_version (
    name text NOT NULL,
    version bigint NOT NULL
);


--
-- Name: region; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.region (
    code text NOT NULL,
    parent text,
    level text NOT NULL,
    name text NOT NULL,
    zone text NOT NULL,
    CONSTRAINT region_check CHECK (((level = 'province'::text) = (parent IS NULL))),
    CONSTRAINT region_check1 CHECK ((code ~
CASE level
    WHEN 'province'::text THEN '^[0-9]{2}$'::text
    WHEN 'regency'::text THEN '^[0-9]{2}\.[0-9]{2}$'::text
    ELSE '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$'::text
END)),
    CONSTRAINT region_level_check CHECK ((level = ANY (ARRAY['province'::text, 'regency'::text, 'district'::text]))),
    CONSTRAINT region_zone_check CHECK ((zone = ANY (ARRAY['Asia/Jakarta'::text, 'Asia/Makassar'::text, 'Asia/Jayapura'::text])))
);


--
-- Name: reseller_number; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reseller_number (
    msisdn bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    linked_at timestamp with time zone NOT NULL
);


--
-- Name: reversal; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reversal (
    id bigint NOT NULL,
    cell integer NOT NULL,
    sale_id bigint NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    refund_rp bigint,
    balance_before_rp bigint,
    balance_after_rp bigint,
    hold_id bigint,
    deadline timestamp with time zone,
    declined_why text,
    done_at timestamp with time zone,
    CONSTRAINT reversal_approved_is_held CHECK (((state <> 'approved'::text) OR ((hold_id IS NOT NULL) AND (deadline IS NOT NULL)))),
    CONSTRAINT reversal_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT reversal_check1 CHECK (((state = 'asked'::text) = (decided_by IS NULL))),
    CONSTRAINT reversal_check2 CHECK (((decided_by IS NULL) OR (decided_by <> asked_by))),
    CONSTRAINT reversal_done_at CHECK (((done_at IS NULL) OR (state = 'done'::text))),
    CONSTRAINT reversal_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'approved'::text, 'done'::text, 'declined'::text])))
);


--
-- Name: reversal_check; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reversal_check (
    reversal_id bigint NOT NULL,
    cell integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    checks integer DEFAULT 0 NOT NULL,
    taken_until timestamp with time zone,
    CONSTRAINT reversal_check_check CHECK ((cell = (reversal_id & (255)::bigint)))
)
WITH (fillfactor='70');


--
-- Name: reward; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reward (
    code text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT reward_code_check CHECK ((code ~ '^[A-Z0-9][A-Z0-9_-]{0,29}$'::text)),
    CONSTRAINT reward_kind_check CHECK ((kind = ANY (ARRAY['telco'::text, 'digital'::text, 'merchant'::text])))
);


--
-- Name: reward_closure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reward_closure (
    reward text NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    closed_by text NOT NULL,
    reason text NOT NULL,
    opened_at timestamp with time zone,
    opened_by text,
    CONSTRAINT reward_closure_check CHECK (((opened_at IS NULL) = (opened_by IS NULL)))
);


--
-- Name: reward_code; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reward_code (
    id bigint NOT NULL,
    cell integer NOT NULL,
    code_hash bytea NOT NULL,
    sealed text NOT NULL,
    reward text NOT NULL,
    merchant text,
    file text NOT NULL,
    expires_at timestamp with time zone,
    redemption_id bigint,
    issued_at timestamp with time zone,
    burnt_at timestamp with time zone,
    burnt_channel text,
    CONSTRAINT reward_code_check1 CHECK (((cell = (id & (255)::bigint)) AND (cell = get_byte(code_hash, 0)))),
    CONSTRAINT reward_code_check2 CHECK (((redemption_id IS NULL) = (issued_at IS NULL))),
    CONSTRAINT reward_code_check3 CHECK (((burnt_at IS NULL) = (burnt_channel IS NULL))),
    CONSTRAINT reward_code_check4 CHECK (((burnt_at IS NULL) OR ((issued_at IS NOT NULL) AND (merchant IS NOT NULL)))),
    CONSTRAINT reward_code_code_hash_check CHECK ((octet_length(code_hash) = 32))
)
WITH (fillfactor='80');


--
-- Name: reward_code_file; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reward_code_file (
    sha256 text NOT NULL,
    reward text NOT NULL,
    name text NOT NULL,
    codes integer NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    taken_by text NOT NULL,
    CONSTRAINT reward_code_file_codes_check CHECK ((codes > 0)),
    CONSTRAINT reward_code_file_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);


--
-- Name: reward_day; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reward_day (
    day date NOT NULL,
    reward text NOT NULL,
    redemptions bigint NOT NULL,
    refunded bigint NOT NULL,
    points bigint NOT NULL,
    burnt bigint NOT NULL,
    CONSTRAINT reward_day_check CHECK ((refunded <= redemptions))
);


--
-- Name: reward_offer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reward_offer (
    reward text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone,
    name_id text NOT NULL,
    name_en text NOT NULL,
    sort integer NOT NULL,
    points bigint NOT NULL,
    gives jsonb NOT NULL,
    terms_id text NOT NULL,
    terms_en text NOT NULL,
    stock bigint,
    quota integer,
    quota_per text,
    brands text[] NOT NULL,
    kinds text[] NOT NULL,
    tier text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    recorded_by text NOT NULL,
    CONSTRAINT reward_offer_check CHECK (((valid_until IS NULL) OR (valid_until > valid_from))),
    CONSTRAINT reward_offer_check1 CHECK (((quota IS NULL) = (quota_per IS NULL))),
    CONSTRAINT reward_offer_kinds_check CHECK ((kinds <@ ARRAY['prepaid'::text, 'postpaid'::text])),
    CONSTRAINT reward_offer_name_en_check CHECK ((name_en <> ''::text)),
    CONSTRAINT reward_offer_name_id_check CHECK ((name_id <> ''::text)),
    CONSTRAINT reward_offer_points_check CHECK ((points > 0)),
    CONSTRAINT reward_offer_quota_check CHECK ((quota > 0)),
    CONSTRAINT reward_offer_quota_per_check CHECK ((quota_per = ANY (ARRAY['day'::text, 'month'::text, 'year'::text, 'ever'::text]))),
    CONSTRAINT reward_offer_stock_check CHECK ((stock >= 0))
);


--
-- Name: reward_stock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reward_stock (
    reward text NOT NULL,
    cell integer NOT NULL,
    taken bigint NOT NULL,
    CONSTRAINT reward_stock_cell_check CHECK (((cell >= 0) AND (cell <= 255))),
    CONSTRAINT reward_stock_taken_check CHECK ((taken >= 0))
)
WITH (fillfactor='50');


--
-- Name: rule; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rule (
    key text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    value jsonb NOT NULL,
    ruleset text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    cancelled_at timestamp with time zone
);


--
-- Name: sale; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sale (
    id bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    user_id bigint NOT NULL,
    client_ref uuid NOT NULL,
    request_hash bytea NOT NULL,
    product text NOT NULL,
    msisdn bigint NOT NULL,
    subscription_id bigint NOT NULL,
    nominal_rp bigint NOT NULL,
    price_rp bigint NOT NULL,
    cost_rp bigint NOT NULL,
    tax_rp bigint NOT NULL,
    balance_before_rp bigint NOT NULL,
    balance_after_rp bigint NOT NULL,
    status text NOT NULL,
    delivery jsonb,
    why jsonb NOT NULL,
    rule text NOT NULL,
    at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    deadline timestamp with time zone,
    route text DEFAULT 'direct'::text NOT NULL,
    transfer_id bigint,
    hold_until timestamp with time zone,
    reason text,
    refund_before_rp bigint,
    refund_after_rp bigint,
    CONSTRAINT sale_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT sale_check1 CHECK (((status = 'checking'::text) OR (resolved_at IS NOT NULL))),
    CONSTRAINT sale_checking_can_end CHECK (((status <> 'checking'::text) OR ((deadline IS NOT NULL) AND (transfer_id IS NOT NULL)))),
    CONSTRAINT sale_done_is_delivered CHECK (((status <> 'done'::text) OR (delivery IS NOT NULL))),
    CONSTRAINT sale_refunded_has_reason CHECK (((status <> 'refunded'::text) OR ((reason IS NOT NULL) AND (refund_after_rp IS NOT NULL)))),
    CONSTRAINT sale_route_check CHECK ((route = ANY (ARRAY['direct'::text, 'cell'::text, 'network'::text]))),
    CONSTRAINT sale_status_check CHECK ((status = ANY (ARRAY['checking'::text, 'done'::text, 'refunded'::text])))
);


--
-- Name: sale_check; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sale_check (
    sale_id bigint NOT NULL,
    cell integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    checks integer DEFAULT 0 NOT NULL,
    taken_until timestamp with time zone,
    CONSTRAINT sale_check_check CHECK ((cell = (sale_id & (255)::bigint)))
)
WITH (fillfactor='70');


--
-- Name: seller_number; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.seller_number (
    msisdn bigint NOT NULL,
    cell integer NOT NULL,
    name text NOT NULL,
    loaded_at timestamp with time zone NOT NULL,
    outlet_id bigint,
    linked_at timestamp with time zone,
    CONSTRAINT seller_number_check CHECK ((cell = (((msisdn * 40503) >> 8) & (255)::bigint))),
    CONSTRAINT seller_number_check1 CHECK (((outlet_id IS NULL) = (linked_at IS NULL)))
);


--
-- Name: service_office; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.service_office (
    code text NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    district text NOT NULL,
    latitude_udeg integer,
    longitude_udeg integer,
    hours text NOT NULL,
    services text[] NOT NULL,
    status text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT service_office_address_check CHECK (((length(address) >= 1) AND (length(address) <= 200))),
    CONSTRAINT service_office_check CHECK (((latitude_udeg IS NULL) = (longitude_udeg IS NULL))),
    CONSTRAINT service_office_code_check CHECK ((code ~ '^[A-Z0-9][A-Z0-9-]{1,19}$'::text)),
    CONSTRAINT service_office_hours_check CHECK (((length(hours) >= 1) AND (length(hours) <= 200))),
    CONSTRAINT service_office_latitude_udeg_check CHECK (((latitude_udeg >= '-90000000'::integer) AND (latitude_udeg <= 90000000))),
    CONSTRAINT service_office_longitude_udeg_check CHECK (((longitude_udeg >= '-180000000'::integer) AND (longitude_udeg <= 180000000))),
    CONSTRAINT service_office_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
    CONSTRAINT service_office_services_check CHECK ((services <@ ARRAY['sim_replacement'::text, 'sim_migration'::text, 'registration'::text, 'complaint'::text, 'bill_payment'::text, 'postpaid'::text, 'seller_help'::text])),
    CONSTRAINT service_office_status_check CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text])))
);


--
-- Name: session; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.session (
    id bigint NOT NULL,
    cell integer NOT NULL,
    kind text NOT NULL,
    user_id bigint NOT NULL,
    outlet_id bigint,
    token_hash bytea NOT NULL,
    agent text NOT NULL,
    address text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT session_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT session_kind_check CHECK ((kind = ANY (ARRAY['outlet'::text, 'partner'::text, 'staff'::text])))
);


--
-- Name: staff_login; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.staff_login (
    id bigint NOT NULL,
    cell integer NOT NULL,
    staff_id bigint NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT staff_login_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT staff_login_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'used'::text, 'dead'::text])))
);


--
-- Name: staff_user; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.staff_user (
    id bigint NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    roles text[] NOT NULL,
    locale text NOT NULL,
    status text NOT NULL,
    password_hash text NOT NULL,
    password_failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    opened_at timestamp with time zone NOT NULL,
    area text,
    password_initial boolean DEFAULT false NOT NULL,
    password_expires_at timestamp with time zone,
    totp_required boolean DEFAULT true NOT NULL,
    totp_secret text,
    totp_enrolled_at timestamp with time zone,
    totp_step bigint,
    CONSTRAINT staff_enrolled_has_secret CHECK (((totp_enrolled_at IS NULL) OR ((totp_secret IS NOT NULL) AND (totp_step IS NOT NULL)))),
    CONSTRAINT staff_user_locale_check CHECK ((locale = ANY (ARRAY['id'::text, 'en'::text]))),
    CONSTRAINT staff_user_status_check CHECK ((status = ANY (ARRAY['active'::text, 'ended'::text])))
);


--
-- Name: statement_file; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statement_file (
    day date NOT NULL,
    digest bytea NOT NULL,
    lines bigint NOT NULL,
    done_rp bigint NOT NULL,
    loaded_at timestamp with time zone NOT NULL,
    actor text NOT NULL
);


--
-- Name: statement_line; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statement_line (
    transfer_id bigint NOT NULL,
    cell integer NOT NULL,
    day date NOT NULL,
    msisdn bigint NOT NULL,
    product text NOT NULL,
    nominal_rp bigint NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT statement_line_check CHECK ((cell = (transfer_id & (255)::bigint))),
    CONSTRAINT statement_line_nominal_rp_check CHECK ((nominal_rp >= 0)),
    CONSTRAINT statement_line_state_check CHECK ((state = ANY (ARRAY['done'::text, 'refused'::text, 'voided'::text])))
);


--
-- Name: subscription; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.subscription (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    brand text NOT NULL,
    kind text NOT NULL,
    locale text NOT NULL,
    main_id bigint NOT NULL,
    active_until timestamp with time zone NOT NULL,
    activated_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    sim_changed_at timestamp with time zone,
    terms_version text,
    CONSTRAINT subscription_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT subscription_check1 CHECK ((cell = (((msisdn * 40503) >> 8) & (255)::bigint))),
    CONSTRAINT subscription_kind_check CHECK ((kind = ANY (ARRAY['prepaid'::text, 'postpaid'::text]))),
    CONSTRAINT subscription_locale_check CHECK ((locale = ANY (ARRAY['id'::text, 'en'::text]))),
    CONSTRAINT subscription_terms_version_check CHECK (((length(terms_version) >= 1) AND (length(terms_version) <= 20)))
)
WITH (fillfactor='80');


--
-- Name: territory; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.territory (
    district text NOT NULL,
    cluster text NOT NULL,
    depot text,
    set_at timestamp with time zone NOT NULL
);


--
-- Name: tier_change; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tier_change (
    subscription_id bigint NOT NULL,
    cell integer NOT NULL,
    seq integer NOT NULL,
    tier_before text NOT NULL,
    tier text NOT NULL,
    since date NOT NULL,
    until date,
    counted_from date NOT NULL,
    cause text NOT NULL,
    spent_rp bigint NOT NULL,
    rule text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT tier_change_cause_check CHECK ((cause = ANY (ARRAY['entry'::text, 'upgrade'::text, 'renewal'::text, 'downgrade'::text, 'migration'::text, 'programme'::text]))),
    CONSTRAINT tier_change_check CHECK ((cell = (subscription_id & (255)::bigint)))
);


--
-- Name: tier_day; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tier_day (
    day date NOT NULL,
    tier_before text NOT NULL,
    tier text NOT NULL,
    cause text NOT NULL,
    changes bigint NOT NULL,
    CONSTRAINT tier_day_changes_check CHECK ((changes > 0))
);


--
-- Name: tier_member; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tier_member (
    subscription_id bigint NOT NULL,
    cell integer NOT NULL,
    tier text NOT NULL,
    since date NOT NULL,
    until date,
    counted_from date NOT NULL,
    cause text NOT NULL,
    changes integer NOT NULL,
    CONSTRAINT tier_member_cause_check CHECK ((cause = ANY (ARRAY['entry'::text, 'upgrade'::text, 'renewal'::text, 'downgrade'::text, 'migration'::text, 'programme'::text]))),
    CONSTRAINT tier_member_changes_check CHECK ((changes > 0)),
    CONSTRAINT tier_member_check CHECK ((cell = (subscription_id & (255)::bigint))),
    CONSTRAINT tier_member_check1 CHECK (((until IS NULL) OR (until > since)))
)
WITH (fillfactor='80');


--
-- Name: tier_standing; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tier_standing (
    day date NOT NULL,
    tier text NOT NULL,
    customers bigint NOT NULL,
    CONSTRAINT tier_standing_customers_check CHECK ((customers >= 0))
);


--
-- Name: transfer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.transfer (
    id bigint NOT NULL,
    cell integer NOT NULL,
    kind text NOT NULL,
    debit_account bigint NOT NULL,
    credit_account bigint NOT NULL,
    asset text NOT NULL,
    amount bigint NOT NULL,
    state text NOT NULL,
    link_id bigint NOT NULL,
    reference_id bigint NOT NULL,
    rule text NOT NULL,
    deadline timestamp with time zone,
    at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT transfer_amount_check CHECK ((amount > 0)),
    CONSTRAINT transfer_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT transfer_check1 CHECK (((state <> 'pending'::text) OR (deadline IS NOT NULL))),
    CONSTRAINT transfer_state_check CHECK ((state = ANY (ARRAY['posted'::text, 'pending'::text, 'voided'::text])))
);


--
-- Name: trusted_device; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trusted_device (
    id bigint NOT NULL,
    cell integer NOT NULL,
    user_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    agent text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT trusted_device_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT trusted_device_check1 CHECK (((revoked_at IS NULL) = (revoked_by IS NULL)))
);


--
-- Name: username; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.username (
    name text NOT NULL,
    cell integer NOT NULL,
    kind text NOT NULL,
    user_id bigint NOT NULL,
    outlet_id bigint,
    CONSTRAINT username_kind_check CHECK ((kind = ANY (ARRAY['outlet'::text, 'partner'::text, 'staff'::text])))
);


--
-- Name: ussd_session; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ussd_session (
    id bigint NOT NULL,
    cell integer NOT NULL,
    msisdn bigint NOT NULL,
    ref text NOT NULL,
    service_code text NOT NULL,
    step integer NOT NULL,
    answer text NOT NULL,
    state jsonb NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT ussd_session_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT ussd_session_check1 CHECK (((ended_at IS NULL) OR (state = '{}'::jsonb))),
    CONSTRAINT ussd_session_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 80))),
    CONSTRAINT ussd_session_step_check CHECK ((step >= 0))
);


--
-- Name: visit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.visit (
    id bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    field_sales_id bigint NOT NULL,
    client_ref uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    day date NOT NULL,
    display text NOT NULL,
    starter_packs integer NOT NULL,
    vouchers integer NOT NULL,
    note text NOT NULL,
    CONSTRAINT visit_check CHECK ((cell = (id & (255)::bigint))),
    CONSTRAINT visit_check1 CHECK ((cell = (outlet_id & (255)::bigint))),
    CONSTRAINT visit_display_check CHECK ((display = ANY (ARRAY['good'::text, 'partly'::text, 'none'::text]))),
    CONSTRAINT visit_note_check CHECK ((length(note) <= 200)),
    CONSTRAINT visit_starter_packs_check CHECK (((starter_packs >= 0) AND (starter_packs <= 100000))),
    CONSTRAINT visit_vouchers_check CHECK (((vouchers >= 0) AND (vouchers <= 100000)))
);


--
-- Name: visit_plan; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.visit_plan (
    outlet_id bigint NOT NULL,
    cell integer NOT NULL,
    field_sales_id bigint NOT NULL,
    weekdays smallint NOT NULL,
    set_at timestamp with time zone NOT NULL,
    due_on date,
    CONSTRAINT visit_plan_weekdays_check CHECK (((weekdays >= 1) AND (weekdays <= 127)))
);


--
-- Name: wallet_purchase; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wallet_purchase (
    id bigint NOT NULL,
    cell integer NOT NULL,
    outlet_id bigint NOT NULL,
    client_ref uuid NOT NULL,
    amount_rp bigint NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT wallet_purchase_amount_rp_check CHECK ((amount_rp > 0)),
    CONSTRAINT wallet_purchase_check CHECK ((cell = (id & (255)::bigint)))
);


--
-- Name: work_item; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.work_item (
    id bigint NOT NULL,
    cell integer NOT NULL,
    kind text NOT NULL,
    transfer_id bigint NOT NULL,
    day date NOT NULL,
    sale_id bigint,
    story jsonb NOT NULL,
    state text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    taken_by bigint,
    taken_at timestamp with time zone,
    solved_at timestamp with time zone,
    solved_rule text,
    solved_by bigint,
    solved_why text,
    CONSTRAINT work_item_check CHECK (((cell = (id & (255)::bigint)) AND (cell = (transfer_id & (255)::bigint)))),
    CONSTRAINT work_item_check1 CHECK (((taken_by IS NULL) = (taken_at IS NULL))),
    CONSTRAINT work_item_check2 CHECK (((state = 'solved'::text) = (solved_at IS NOT NULL))),
    CONSTRAINT work_item_check3 CHECK (((state = 'solved'::text) = ((solved_rule IS NOT NULL) <> (solved_by IS NOT NULL)))),
    CONSTRAINT work_item_check4 CHECK (((solved_by IS NULL) = (solved_why IS NULL))),
    CONSTRAINT work_item_state_check CHECK ((state = ANY (ARRAY['open'::text, 'solved'::text])))
);


--
-- Name: acceptance acceptance_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.acceptance
    ADD CONSTRAINT acceptance_pkey PRIMARY KEY (user_id, code, version, cell);


--
-- Name: account account_identity; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_identity UNIQUE NULLS NOT DISTINCT (owner_id, kind, source, asset, expires_at, cell);


--
-- Name: account account_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id, cell);


--
-- Name: adjustment adjustment_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (id, cell);


--
-- Name: api_client api_client_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_client
    ADD CONSTRAINT api_client_pkey PRIMARY KEY (id);


--
-- Name: api_key api_key_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);


--
-- Name: application_nik_key application_nik_key_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.application_nik_key
    ADD CONSTRAINT application_nik_key_pkey PRIMARY KEY (nik_key, purpose, cell);


--
-- Name: application_number application_number_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.application_number
    ADD CONSTRAINT application_number_pkey PRIMARY KEY (msisdn, cell);


--
-- Name: application_photo application_photo_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.application_photo
    ADD CONSTRAINT application_photo_pkey PRIMARY KEY (application_id, cell);


--
-- Name: application application_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.application
    ADD CONSTRAINT application_pkey PRIMARY KEY (id, cell);


--
-- Name: area area_of_level; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_of_level UNIQUE (code, level);


--
-- Name: area area_of_parent; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_of_parent UNIQUE (code, parent);


--
-- Name: area area_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_pkey PRIMARY KEY (code);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id, cell);


--
-- Name: blacklist blacklist_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.blacklist
    ADD CONSTRAINT blacklist_pkey PRIMARY KEY (id, cell);


--
-- Name: category category_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category
    ADD CONSTRAINT category_pkey PRIMARY KEY (code);


--
-- Name: clock_offset clock_offset_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.clock_offset
    ADD CONSTRAINT clock_offset_pkey PRIMARY KEY (is_only);


--
-- Name: code_burn code_burn_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_burn
    ADD CONSTRAINT code_burn_pkey PRIMARY KEY (merchant, client_ref, cell);


--
-- Name: customer_session customer_session_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.customer_session
    ADD CONSTRAINT customer_session_pkey PRIMARY KEY (id, cell);


--
-- Name: district_day district_day_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.district_day
    ADD CONSTRAINT district_day_pkey PRIMARY KEY (district, day);


--
-- Name: document document_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (code, version);


--
-- Name: entry entry_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (transfer_id, leg, cell);


--
-- Name: handset_message handset_message_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.handset_message
    ADD CONSTRAINT handset_message_pkey PRIMARY KEY (id, cell);


--
-- Name: health_look health_look_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.health_look
    ADD CONSTRAINT health_look_pkey PRIMARY KEY (id);


--
-- Name: house_day house_day_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.house_day
    ADD CONSTRAINT house_day_pkey PRIMARY KEY (day, kind, asset, cell);


--
-- Name: inactivity inactivity_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inactivity
    ADD CONSTRAINT inactivity_pkey PRIMARY KEY (id, cell);


--
-- Name: inbound_text inbound_text_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_text
    ADD CONSTRAINT inbound_text_once UNIQUE (msisdn, ref, cell);


--
-- Name: inbound_text inbound_text_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_text
    ADD CONSTRAINT inbound_text_pkey PRIMARY KEY (id, cell);


--
-- Name: instance instance_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (is_only);


--
-- Name: issued_bill issued_bill_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.issued_bill
    ADD CONSTRAINT issued_bill_once UNIQUE (subscription_id, number, cell);


--
-- Name: issued_bill issued_bill_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.issued_bill
    ADD CONSTRAINT issued_bill_pkey PRIMARY KEY (id, cell);


--
-- Name: job job_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name);


--
-- Name: login login_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (id, cell);


--
-- Name: lost_phone lost_phone_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.lost_phone
    ADD CONSTRAINT lost_phone_pkey PRIMARY KEY (id, cell);


--
-- Name: merchant_number merchant_number_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.merchant_number
    ADD CONSTRAINT merchant_number_pkey PRIMARY KEY (msisdn, cell);


--
-- Name: merchant merchant_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.merchant
    ADD CONSTRAINT merchant_pkey PRIMARY KEY (code);


--
-- Name: migration migration_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_name_key UNIQUE (name);


--
-- Name: migration migration_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);


--
-- Name: notification_number notification_number_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notification_number
    ADD CONSTRAINT notification_number_pkey PRIMARY KEY (msisdn, cell);


--
-- Name: number_conflict number_conflict_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_conflict
    ADD CONSTRAINT number_conflict_once UNIQUE (msisdn, newer_outlet_id, cell);


--
-- Name: number_conflict number_conflict_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_conflict
    ADD CONSTRAINT number_conflict_pkey PRIMARY KEY (id, cell);


--
-- Name: number_proof number_proof_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_proof
    ADD CONSTRAINT number_proof_pkey PRIMARY KEY (id, cell);


--
-- Name: number_registration number_registration_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_registration
    ADD CONSTRAINT number_registration_pkey PRIMARY KEY (id, cell);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id, cell);


--
-- Name: outlet_activity outlet_activity_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet_activity
    ADD CONSTRAINT outlet_activity_pkey PRIMARY KEY (outlet_id, cell);


--
-- Name: outlet_code outlet_code_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet_code
    ADD CONSTRAINT outlet_code_pkey PRIMARY KEY (code, cell);


--
-- Name: outlet_number outlet_number_at; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet_number
    ADD CONSTRAINT outlet_number_at UNIQUE (msisdn, outlet_id, cell);


--
-- Name: outlet_number outlet_number_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet_number
    ADD CONSTRAINT outlet_number_pkey PRIMARY KEY (msisdn, cell);


--
-- Name: outlet outlet_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet
    ADD CONSTRAINT outlet_pkey PRIMARY KEY (id, cell);


--
-- Name: outlet_user outlet_user_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet_user
    ADD CONSTRAINT outlet_user_pkey PRIMARY KEY (id, cell);


--
-- Name: owner owner_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.owner
    ADD CONSTRAINT owner_pkey PRIMARY KEY (id, cell);


--
-- Name: partner partner_code_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.partner
    ADD CONSTRAINT partner_code_key UNIQUE (code);


--
-- Name: partner_number partner_number_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.partner_number
    ADD CONSTRAINT partner_number_pkey PRIMARY KEY (msisdn, cell);


--
-- Name: partner partner_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.partner
    ADD CONSTRAINT partner_pkey PRIMARY KEY (id);


--
-- Name: partner_user partner_user_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.partner_user
    ADD CONSTRAINT partner_user_pkey PRIMARY KEY (id, cell);


--
-- Name: past_plan past_plan_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.past_plan
    ADD CONSTRAINT past_plan_pkey PRIMARY KEY (subscription_id, until, cell);


--
-- Name: point_day point_day_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.point_day
    ADD CONSTRAINT point_day_pkey PRIMARY KEY (day, vintage);


--
-- Name: point_grant point_grant_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.point_grant
    ADD CONSTRAINT point_grant_pkey PRIMARY KEY (id, cell);


--
-- Name: point_month point_month_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.point_month
    ADD CONSTRAINT point_month_pkey PRIMARY KEY (subscription_id, month, cell);


--
-- Name: point_notice point_notice_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.point_notice
    ADD CONSTRAINT point_notice_pkey PRIMARY KEY (subscription_id, vintage, days_before, cell);


--
-- Name: point_notice_run point_notice_run_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.point_notice_run
    ADD CONSTRAINT point_notice_run_pkey PRIMARY KEY (vintage, days_before);


--
-- Name: point_run point_run_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.point_run
    ADD CONSTRAINT point_run_pkey PRIMARY KEY (name, ran_at);


--
-- Name: price price_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.price
    ADD CONSTRAINT price_pkey PRIMARY KEY (product, area, segment, valid_from);


--
-- Name: product_bucket product_bucket_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product_bucket
    ADD CONSTRAINT product_bucket_pkey PRIMARY KEY (product, no);


--
-- Name: product_closure product_closure_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product_closure
    ADD CONSTRAINT product_closure_pkey PRIMARY KEY (product, closed_at);


--
-- Name: product_health product_health_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product_health
    ADD CONSTRAINT product_health_pkey PRIMARY KEY (product);


--
-- Name: product product_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_pkey PRIMARY KEY (code);


--
-- Name: proposal proposal_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (id, cell);


--
-- Name: rate_window rate_window_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rate_window
    ADD CONSTRAINT rate_window_pkey PRIMARY KEY (key, window_at, cell);


--
-- Name: receipt receipt_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.receipt
    ADD CONSTRAINT receipt_pkey PRIMARY KEY (transfer_id, cell);


--
-- Name: redemption redemption_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.redemption
    ADD CONSTRAINT redemption_once UNIQUE (subscription_id, client_ref, cell);


--
-- Name: redemption redemption_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.redemption
    ADD CONSTRAINT redemption_pkey PRIMARY KEY (id, cell);


--
-- Name: reference_version reference_version_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reference_version
    ADD CONSTRAINT reference_version_pkey PRIMARY KEY (name);


--
-- Name: region region_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.region
    ADD CONSTRAINT region_pkey PRIMARY KEY (code);


--
-- Name: reseller_number reseller_number_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reseller_number
    ADD CONSTRAINT reseller_number_pkey PRIMARY KEY (msisdn, cell);


--
-- Name: reversal_check reversal_check_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reversal_check
    ADD CONSTRAINT reversal_check_pkey PRIMARY KEY (reversal_id, cell);


--
-- Name: reversal reversal_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reversal
    ADD CONSTRAINT reversal_pkey PRIMARY KEY (id, cell);


--
-- Name: reward_closure reward_closure_order; Type: CHECK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.reward_closure
    ADD CONSTRAINT reward_closure_order CHECK ((opened_at >= closed_at)) NOT VALID;


--
-- Name: reward_closure reward_closure_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_closure
    ADD CONSTRAINT reward_closure_pkey PRIMARY KEY (reward, closed_at);


--
-- Name: reward_code_file reward_code_file_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_code_file
    ADD CONSTRAINT reward_code_file_pkey PRIMARY KEY (sha256);


--
-- Name: reward_code reward_code_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_code
    ADD CONSTRAINT reward_code_once UNIQUE (code_hash, cell);


--
-- Name: reward_code reward_code_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_code
    ADD CONSTRAINT reward_code_pkey PRIMARY KEY (id, cell);


--
-- Name: reward_day reward_day_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_day
    ADD CONSTRAINT reward_day_pkey PRIMARY KEY (day, reward);


--
-- Name: reward_offer reward_offer_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_offer
    ADD CONSTRAINT reward_offer_pkey PRIMARY KEY (reward, valid_from);


--
-- Name: reward reward_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward
    ADD CONSTRAINT reward_pkey PRIMARY KEY (code);


--
-- Name: reward_stock reward_stock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_stock
    ADD CONSTRAINT reward_stock_pkey PRIMARY KEY (reward, cell);


--
-- Name: rule rule_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rule
    ADD CONSTRAINT rule_pkey PRIMARY KEY (key, valid_from);


--
-- Name: sale_check sale_check_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sale_check
    ADD CONSTRAINT sale_check_pkey PRIMARY KEY (sale_id, cell);


--
-- Name: sale sale_client_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sale
    ADD CONSTRAINT sale_client_ref UNIQUE (outlet_id, client_ref, cell);


--
-- Name: sale sale_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sale
    ADD CONSTRAINT sale_pkey PRIMARY KEY (id, cell);


--
-- Name: seller_number seller_number_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seller_number
    ADD CONSTRAINT seller_number_pkey PRIMARY KEY (msisdn, cell);


--
-- Name: service_office service_office_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_office
    ADD CONSTRAINT service_office_pkey PRIMARY KEY (code);


--
-- Name: session session_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id, cell);


--
-- Name: staff_login staff_login_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_login
    ADD CONSTRAINT staff_login_pkey PRIMARY KEY (id, cell);


--
-- Name: staff_user staff_user_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_user
    ADD CONSTRAINT staff_user_pkey PRIMARY KEY (id);


--
-- Name: staff_user staff_user_username_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_user
    ADD CONSTRAINT staff_user_username_key UNIQUE (username);


--
-- Name: statement_file statement_file_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statement_file
    ADD CONSTRAINT statement_file_pkey PRIMARY KEY (day, digest);


--
-- Name: statement_line statement_line_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statement_line
    ADD CONSTRAINT statement_line_pkey PRIMARY KEY (transfer_id, day, cell);


--
-- Name: subscription subscription_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (id, cell);


--
-- Name: territory territory_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_pkey PRIMARY KEY (district);


--
-- Name: tier_change tier_change_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tier_change
    ADD CONSTRAINT tier_change_pkey PRIMARY KEY (subscription_id, seq, cell);


--
-- Name: tier_day tier_day_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tier_day
    ADD CONSTRAINT tier_day_pkey PRIMARY KEY (day, tier_before, tier, cause);


--
-- Name: tier_member tier_member_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tier_member
    ADD CONSTRAINT tier_member_pkey PRIMARY KEY (subscription_id, cell);


--
-- Name: tier_standing tier_standing_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tier_standing
    ADD CONSTRAINT tier_standing_pkey PRIMARY KEY (day, tier);


--
-- Name: transfer transfer_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (id, cell);


--
-- Name: trusted_device trusted_device_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trusted_device
    ADD CONSTRAINT trusted_device_pkey PRIMARY KEY (id, cell);


--
-- Name: username username_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.username
    ADD CONSTRAINT username_pkey PRIMARY KEY (name, cell);


--
-- Name: ussd_session ussd_session_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ussd_session
    ADD CONSTRAINT ussd_session_pkey PRIMARY KEY (id, cell);


--
-- Name: ussd_session ussd_session_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ussd_session
    ADD CONSTRAINT ussd_session_ref UNIQUE (msisdn, ref, cell);


--
-- Name: visit visit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_pkey PRIMARY KEY (id, cell);


--
-- Name: visit_plan visit_plan_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visit_plan
    ADD CONSTRAINT visit_plan_pkey PRIMARY KEY (outlet_id, cell);


--
-- Name: wallet_purchase wallet_purchase_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallet_purchase
    ADD CONSTRAINT wallet_purchase_pkey PRIMARY KEY (id, cell);


--
-- Name: wallet_purchase wallet_purchase_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallet_purchase
    ADD CONSTRAINT wallet_purchase_ref UNIQUE (outlet_id, client_ref, cell);


--
-- Name: work_item work_item_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.work_item
    ADD CONSTRAINT work_item_once UNIQUE (kind, transfer_id, day, cell);


--
-- Name: work_item work_item_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.work_item
    ADD CONSTRAINT work_item_pkey PRIMARY KEY (id, cell);


--
-- Name: account_expiring; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX account_expiring ON public.account USING btree (expires_at, cell) WHERE ((expires_at IS NOT NULL) AND (closed_at IS NULL));


--
-- Name: account_vintage; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX account_vintage ON public.account USING btree (expires_at, id, cell) WHERE ((kind = 'points'::text) AND (closed_at IS NULL));


--
-- Name: adjustment_asked; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX adjustment_asked ON public.adjustment USING btree (asked_at, id, cell) WHERE (state = 'asked'::text);


--
-- Name: adjustment_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX adjustment_live ON public.adjustment USING btree (sale_id, cell) WHERE (state <> 'declined'::text);


--
-- Name: api_client_name; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX api_client_name ON public.api_client USING btree (lower(name)) WHERE (revoked_at IS NULL);


--
-- Name: api_key_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_client ON public.api_key USING btree (client_id, id);


--
-- Name: application_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_due ON public.application USING btree (state, due_at, id) WHERE (state = ANY (ARRAY['submitted'::text, 'recommended'::text]));


--
-- Name: application_idle; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_idle ON public.application USING btree (touched_at) WHERE (state = 'draft'::text);


--
-- Name: application_kept; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_kept ON public.application USING btree (ended_at) WHERE ((erased_at IS NULL) AND (state = 'rejected'::text));


--
-- Name: application_nik; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_nik ON public.application USING btree (nik_key) WHERE (nik_key IS NOT NULL);


--
-- Name: application_number_began; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_number_began ON public.application USING btree (msisdn, started_at, cell);


--
-- Name: application_numbers; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_numbers ON public.application USING gin (numbers);


--
-- Name: application_of_district; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_of_district ON public.application USING btree (district, state, due_at, id) WHERE (state = ANY (ARRAY['submitted'::text, 'recommended'::text]));


--
-- Name: application_of_partner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX application_of_partner ON public.application USING btree (partner_id, state, due_at, id) WHERE (state = ANY (ARRAY['submitted'::text, 'recommended'::text]));


--
-- Name: area_children; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX area_children ON public.area USING btree (parent, code);


--
-- Name: area_partner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX area_partner ON public.area USING btree (partner_id, code) WHERE (partner_id IS NOT NULL);


--
-- Name: audit_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_subject ON public.audit USING btree (subject_id, at, cell);


--
-- Name: blacklist_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX blacklist_key ON public.blacklist USING btree (key, cell, id);


--
-- Name: blacklist_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX blacklist_live ON public.blacklist USING btree (key, kind, cell) WHERE (lifted_at IS NULL);


--
-- Name: customer_session_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX customer_session_expiry ON public.customer_session USING btree (expires_at);


--
-- Name: customer_session_live; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX customer_session_live ON public.customer_session USING btree (subscription_id, created_at, cell) WHERE (revoked_at IS NULL);


--
-- Name: entry_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX entry_at ON public.entry USING brin (at);


--
-- Name: entry_of_account; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX entry_of_account ON public.entry USING btree (account_id, seq, cell) WHERE (seq IS NOT NULL);


--
-- Name: handset_message_msisdn; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX handset_message_msisdn ON public.handset_message USING btree (msisdn, at, id, cell);


--
-- Name: handset_message_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX handset_message_once ON public.handset_message USING btree (outbox_id, cell) WHERE (outbox_id IS NOT NULL);


--
-- Name: inactivity_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX inactivity_live ON public.inactivity USING btree (outlet_id, cell) WHERE (state = ANY (ARRAY['warned'::text, 'review'::text]));


--
-- Name: inactivity_of_outlet; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inactivity_of_outlet ON public.inactivity USING btree (outlet_id, opened_at, cell);


--
-- Name: inactivity_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inactivity_open ON public.inactivity USING btree (id, cell) WHERE (state = ANY (ARRAY['warned'::text, 'review'::text]));


--
-- Name: inactivity_queue; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inactivity_queue ON public.inactivity USING btree (due_at, id, cell) WHERE (state = 'review'::text);


--
-- Name: inbound_text_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbound_text_at ON public.inbound_text USING brin (at);


--
-- Name: inbound_text_recent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbound_text_recent ON public.inbound_text USING btree (msisdn, at, cell);


--
-- Name: issued_bill_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX issued_bill_newest ON public.issued_bill USING btree (subscription_id, issued_at, cell);


--
-- Name: issued_bill_uncounted; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX issued_bill_uncounted ON public.issued_bill USING btree (subscription_id, cell) WHERE (NOT counted);


--
-- Name: login_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX login_user ON public.login USING btree (user_id, created_at, cell);


--
-- Name: lost_phone_msisdn; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX lost_phone_msisdn ON public.lost_phone USING btree (msisdn, reported_at, cell);


--
-- Name: lost_phone_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX lost_phone_open ON public.lost_phone USING btree (msisdn, cell) WHERE (lifted_at IS NULL);


--
-- Name: lost_phone_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX lost_phone_waiting ON public.lost_phone USING btree (reported_at, id, cell) WHERE (lifted_at IS NULL);


--
-- Name: merchant_client; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX merchant_client ON public.merchant USING btree (client_id) WHERE ((client_id IS NOT NULL) AND (closed_at IS NULL));


--
-- Name: merchant_number_of; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX merchant_number_of ON public.merchant_number USING btree (merchant, msisdn);


--
-- Name: number_conflict_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_conflict_open ON public.number_conflict USING btree (due_at, id, cell) WHERE (state = 'open'::text);


--
-- Name: number_conflict_settled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_conflict_settled ON public.number_conflict USING btree (settled_at, id, cell) WHERE (state = 'settled'::text);


--
-- Name: number_proof_live; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_proof_live ON public.number_proof USING btree (msisdn, cell) WHERE (state = 'sent'::text);


--
-- Name: number_proof_sent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_proof_sent ON public.number_proof USING btree (sent_at);


--
-- Name: number_registration_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX number_registration_live ON public.number_registration USING btree (msisdn, kind, cell) WHERE (ended_at IS NULL);


--
-- Name: number_registration_of; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_registration_of ON public.number_registration USING btree (msisdn, begun_at, id, cell);


--
-- Name: outbox_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_due ON public.outbox USING btree (due_at, cell) WHERE ((done_at IS NULL) AND (failed_at IS NULL));


--
-- Name: outlet_area_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_area_name ON public.outlet USING btree (area, lower(name) COLLATE "C", id, cell);


--
-- Name: outlet_by_code; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_by_code ON public.outlet USING btree (code COLLATE "C", id, cell);


--
-- Name: outlet_by_opening; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_by_opening ON public.outlet USING btree (opened_at, id, cell);


--
-- Name: outlet_district; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_district ON public.outlet USING btree (district, id, cell) INCLUDE (status) WHERE (district IS NOT NULL);


--
-- Name: outlet_district_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_district_name ON public.outlet USING btree (district, lower(name) COLLATE "C", id, cell) WHERE (district IS NOT NULL);


--
-- Name: outlet_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_name ON public.outlet USING btree (lower(name) COLLATE "C", id, cell);


--
-- Name: outlet_not_active; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_not_active ON public.outlet USING btree (status, lower(name) COLLATE "C", id, cell) WHERE (status <> 'active'::text);


--
-- Name: outlet_partner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_partner ON public.outlet USING btree (partner_id, id, cell);


--
-- Name: outlet_partner_code; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_partner_code ON public.outlet USING btree (partner_id, code COLLATE "C", id, cell);


--
-- Name: outlet_partner_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_partner_name ON public.outlet USING btree (partner_id, lower(name) COLLATE "C", id, cell);


--
-- Name: outlet_partner_opening; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_partner_opening ON public.outlet USING btree (partner_id, opened_at, id, cell);


--
-- Name: outlet_proprietor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_proprietor ON public.outlet USING btree (proprietor_id, id, cell) WHERE (proprietor_id IS NOT NULL);


--
-- Name: outlet_user_outlet; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outlet_user_outlet ON public.outlet_user USING btree (outlet_id, id, cell);


--
-- Name: partner_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX partner_name ON public.partner USING btree (lower(name) COLLATE "C", id);


--
-- Name: partner_user_partner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX partner_user_partner ON public.partner_user USING btree (partner_id, id, cell);


--
-- Name: point_grant_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX point_grant_at ON public.point_grant USING brin (at);


--
-- Name: point_run_up_to; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX point_run_up_to ON public.point_run USING btree (name, up_to);


--
-- Name: product_closure_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX product_closure_open ON public.product_closure USING btree (product) WHERE (opened_at IS NULL);


--
-- Name: proposal_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX proposal_once ON public.proposal USING btree (kind, subject_id, cell) WHERE (state = 'waiting'::text);


--
-- Name: proposal_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX proposal_subject ON public.proposal USING btree (subject_id, proposed_at, cell);


--
-- Name: proposal_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX proposal_waiting ON public.proposal USING btree (proposed_at, id, cell) WHERE (state = 'waiting'::text);


--
-- Name: receipt_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX receipt_at ON public.receipt USING brin (at);


--
-- Name: redemption_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX redemption_at ON public.redemption USING brin (at);


--
-- Name: redemption_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX redemption_due ON public.redemption USING btree (deadline, cell) WHERE (status = 'checking'::text);


--
-- Name: redemption_of; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX redemption_of ON public.redemption USING btree (subscription_id, at, id, cell);


--
-- Name: redemption_quota; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX redemption_quota ON public.redemption USING btree (subscription_id, reward, cell);


--
-- Name: region_children; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX region_children ON public.region USING btree (parent, code);


--
-- Name: region_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX region_name ON public.region USING btree (level, lower(name) COLLATE "C", code);


--
-- Name: reversal_check_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reversal_check_due ON public.reversal_check USING btree (due_at, cell);


--
-- Name: reversal_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX reversal_live ON public.reversal USING btree (sale_id, cell) WHERE (state <> 'declined'::text);


--
-- Name: reward_closure_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX reward_closure_open ON public.reward_closure USING btree (reward) WHERE (opened_at IS NULL);


--
-- Name: reward_code_burnt; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reward_code_burnt ON public.reward_code USING btree (merchant, burnt_at, cell) WHERE (burnt_at IS NOT NULL);


--
-- Name: reward_code_free; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reward_code_free ON public.reward_code USING btree (reward, expires_at, id, cell) WHERE (redemption_id IS NULL);


--
-- Name: reward_code_used; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reward_code_used ON public.reward_code USING btree (reward, cell) WHERE (burnt_at IS NOT NULL);


--
-- Name: sale_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sale_at ON public.sale USING brin (at) WITH (pages_per_range='32', autosummarize='on');


--
-- Name: sale_check_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sale_check_due ON public.sale_check USING btree (due_at, cell);


--
-- Name: sale_of_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sale_of_number ON public.sale USING btree (outlet_id, msisdn, at);


--
-- Name: sale_of_outlet; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sale_of_outlet ON public.sale USING btree (outlet_id, at, id, cell);


--
-- Name: sale_of_subscription; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sale_of_subscription ON public.sale USING btree (subscription_id, at);


--
-- Name: service_office_district; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX service_office_district ON public.service_office USING btree (district COLLATE "C", code) WHERE (status = 'open'::text);


--
-- Name: session_of_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX session_of_user ON public.session USING btree (user_id, created_at, cell);


--
-- Name: staff_login_staff; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX staff_login_staff ON public.staff_login USING btree (staff_id, cell) WHERE (state = 'waiting'::text);


--
-- Name: statement_line_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX statement_line_day ON public.statement_line USING btree (day, cell);


--
-- Name: subscription_ended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX subscription_ended ON public.subscription USING btree (ended_at, cell) WHERE (ended_at IS NOT NULL);


--
-- Name: subscription_live_msisdn; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX subscription_live_msisdn ON public.subscription USING btree (msisdn, cell) WHERE (ended_at IS NULL);


--
-- Name: territory_cluster; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX territory_cluster ON public.territory USING btree (cluster, district);


--
-- Name: territory_depot; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX territory_depot ON public.territory USING btree (depot, district) WHERE (depot IS NOT NULL);


--
-- Name: tier_change_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tier_change_at ON public.tier_change USING brin (at);


--
-- Name: tier_change_since; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tier_change_since ON public.tier_change USING btree (since, cell);


--
-- Name: transfer_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transfer_pending ON public.transfer USING btree (deadline, cell) WHERE (state = 'pending'::text);


--
-- Name: transfer_recharge; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transfer_recharge ON public.transfer USING btree (credit_account, at, cell) WHERE ((asset = 'IDR'::text) AND (kind = ANY (ARRAY['recharge'::text, 'voucher_recharge'::text, 'adjustment'::text])));


--
-- Name: transfer_reference; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transfer_reference ON public.transfer USING btree (reference_id, cell);


--
-- Name: transfer_resolved; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transfer_resolved ON public.transfer USING brin (resolved_at) WITH (pages_per_range='32', autosummarize='on');


--
-- Name: transfer_reversal; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transfer_reversal ON public.transfer USING btree (debit_account, cell) WHERE (kind = 'reversal'::text);


--
-- Name: trusted_device_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trusted_device_user ON public.trusted_device USING btree (user_id, created_at, cell);


--
-- Name: ussd_session_opened; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ussd_session_opened ON public.ussd_session USING brin (opened_at);


--
-- Name: ussd_session_recent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ussd_session_recent ON public.ussd_session USING btree (msisdn, opened_at, cell);


--
-- Name: visit_client_ref; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX visit_client_ref ON public.visit USING btree (outlet_id, client_ref, cell);


--
-- Name: visit_of_outlet; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX visit_of_outlet ON public.visit USING btree (outlet_id, day DESC, id DESC, cell);


--
-- Name: visit_plan_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX visit_plan_due ON public.visit_plan USING btree (due_on, outlet_id, cell);


--
-- Name: visit_plan_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX visit_plan_person ON public.visit_plan USING btree (field_sales_id, outlet_id, cell);


--
-- Name: wallet_purchase_of_outlet; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallet_purchase_of_outlet ON public.wallet_purchase USING btree (outlet_id, at, cell);


--
-- Name: work_item_of_sale; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX work_item_of_sale ON public.work_item USING btree (sale_id, cell) WHERE (sale_id IS NOT NULL);


--
-- Name: work_item_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX work_item_open ON public.work_item USING btree (id, cell) WHERE (state = 'open'::text);


--
-- Name: acceptance acceptance_document_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.acceptance
    ADD CONSTRAINT acceptance_document_fk FOREIGN KEY (code, version) REFERENCES public.document(code, version);


--
-- Name: account account_owner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_owner_fk FOREIGN KEY (owner_id, cell) REFERENCES public.owner(id, cell);


--
-- Name: adjustment adjustment_sale_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_sale_fk FOREIGN KEY (sale_id, cell) REFERENCES public.sale(id, cell);


--
-- Name: api_key api_key_client_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_client_fk FOREIGN KEY (client_id) REFERENCES public.api_client(id);


--
-- Name: application application_district_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.application
    ADD CONSTRAINT application_district_fk FOREIGN KEY (district) REFERENCES public.region(code);


--
-- Name: application application_partner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.application
    ADD CONSTRAINT application_partner_fk FOREIGN KEY (partner_id) REFERENCES public.partner(id);


--
-- Name: application_photo application_photo_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.application_photo
    ADD CONSTRAINT application_photo_fk FOREIGN KEY (application_id, cell) REFERENCES public.application(id, cell);


--
-- Name: area area_parent_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_parent_fkey FOREIGN KEY (parent) REFERENCES public.area(code);


--
-- Name: area area_parent_level_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_parent_level_fk FOREIGN KEY (parent, parent_level) REFERENCES public.area(code, level);


--
-- Name: area area_partner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_partner_fk FOREIGN KEY (partner_id) REFERENCES public.partner(id);


--
-- Name: customer_session customer_session_subscription_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.customer_session
    ADD CONSTRAINT customer_session_subscription_fk FOREIGN KEY (subscription_id, cell) REFERENCES public.subscription(id, cell);


--
-- Name: district_day district_day_district_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.district_day
    ADD CONSTRAINT district_day_district_fk FOREIGN KEY (district) REFERENCES public.region(code);


--
-- Name: inactivity inactivity_outlet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inactivity
    ADD CONSTRAINT inactivity_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES public.outlet(id, cell);


--
-- Name: issued_bill issued_bill_subscription_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.issued_bill
    ADD CONSTRAINT issued_bill_subscription_fk FOREIGN KEY (subscription_id, cell) REFERENCES public.subscription(id, cell);


--
-- Name: merchant merchant_client_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.merchant
    ADD CONSTRAINT merchant_client_fk FOREIGN KEY (client_id) REFERENCES public.api_client(id);


--
-- Name: merchant_number merchant_number_merchant_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.merchant_number
    ADD CONSTRAINT merchant_number_merchant_fk FOREIGN KEY (merchant) REFERENCES public.merchant(code);


--
-- Name: merchant_number merchant_number_owner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.merchant_number
    ADD CONSTRAINT merchant_number_owner_fk FOREIGN KEY (subscription_id, cell) REFERENCES public.subscription(id, cell) NOT VALID;


--
-- Name: notification_number notification_number_held_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notification_number
    ADD CONSTRAINT notification_number_held_fk FOREIGN KEY (msisdn, outlet_id, cell) REFERENCES public.outlet_number(msisdn, outlet_id, cell);


--
-- Name: outlet outlet_area_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet
    ADD CONSTRAINT outlet_area_fk FOREIGN KEY (area) REFERENCES public.area(code);


--
-- Name: outlet outlet_district_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet
    ADD CONSTRAINT outlet_district_fk FOREIGN KEY (district) REFERENCES public.region(code);


--
-- Name: outlet outlet_owner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet
    ADD CONSTRAINT outlet_owner_fk FOREIGN KEY (id, cell) REFERENCES public.owner(id, cell);


--
-- Name: outlet outlet_partner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet
    ADD CONSTRAINT outlet_partner_fk FOREIGN KEY (partner_id) REFERENCES public.partner(id);


--
-- Name: outlet_user outlet_user_outlet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outlet_user
    ADD CONSTRAINT outlet_user_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES public.outlet(id, cell);


--
-- Name: partner partner_area_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.partner
    ADD CONSTRAINT partner_area_fkey FOREIGN KEY (area) REFERENCES public.area(code);


--
-- Name: partner_user partner_user_partner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.partner_user
    ADD CONSTRAINT partner_user_partner_fk FOREIGN KEY (partner_id) REFERENCES public.partner(id);


--
-- Name: past_plan past_plan_subscription_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.past_plan
    ADD CONSTRAINT past_plan_subscription_fk FOREIGN KEY (subscription_id, cell) REFERENCES public.subscription(id, cell);


--
-- Name: point_notice point_notice_subscription_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.point_notice
    ADD CONSTRAINT point_notice_subscription_fk FOREIGN KEY (subscription_id, cell) REFERENCES public.subscription(id, cell);


--
-- Name: price price_product_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.price
    ADD CONSTRAINT price_product_fkey FOREIGN KEY (product) REFERENCES public.product(code);


--
-- Name: product_bucket product_bucket_product_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product_bucket
    ADD CONSTRAINT product_bucket_product_fkey FOREIGN KEY (product) REFERENCES public.product(code);


--
-- Name: product product_category_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_category_fkey FOREIGN KEY (category) REFERENCES public.category(code);


--
-- Name: product_closure product_closure_product_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product_closure
    ADD CONSTRAINT product_closure_product_fkey FOREIGN KEY (product) REFERENCES public.product(code);


--
-- Name: product_health product_health_product_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.product_health
    ADD CONSTRAINT product_health_product_fkey FOREIGN KEY (product) REFERENCES public.product(code);


--
-- Name: proposal proposal_decided_by_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_decided_by_fk FOREIGN KEY (decided_by) REFERENCES public.staff_user(id);


--
-- Name: proposal proposal_proposed_by_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_proposed_by_fk FOREIGN KEY (proposed_by) REFERENCES public.staff_user(id);


--
-- Name: redemption redemption_subscription_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.redemption
    ADD CONSTRAINT redemption_subscription_fk FOREIGN KEY (subscription_id, cell) REFERENCES public.subscription(id, cell);


--
-- Name: region region_parent_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.region
    ADD CONSTRAINT region_parent_fk FOREIGN KEY (parent) REFERENCES public.region(code);


--
-- Name: reseller_number reseller_number_held_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reseller_number
    ADD CONSTRAINT reseller_number_held_fk FOREIGN KEY (msisdn, outlet_id, cell) REFERENCES public.outlet_number(msisdn, outlet_id, cell);


--
-- Name: reversal reversal_sale_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reversal
    ADD CONSTRAINT reversal_sale_fk FOREIGN KEY (sale_id, cell) REFERENCES public.sale(id, cell);


--
-- Name: reward_closure reward_closure_reward_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_closure
    ADD CONSTRAINT reward_closure_reward_fk FOREIGN KEY (reward) REFERENCES public.reward(code);


--
-- Name: reward_code_file reward_code_file_reward_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_code_file
    ADD CONSTRAINT reward_code_file_reward_fk FOREIGN KEY (reward) REFERENCES public.reward(code);


--
-- Name: reward_offer reward_offer_reward_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reward_offer
    ADD CONSTRAINT reward_offer_reward_fk FOREIGN KEY (reward) REFERENCES public.reward(code);


--
-- Name: seller_number seller_number_held_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seller_number
    ADD CONSTRAINT seller_number_held_fk FOREIGN KEY (msisdn, outlet_id, cell) REFERENCES public.outlet_number(msisdn, outlet_id, cell);


--
-- Name: service_office service_office_district_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_office
    ADD CONSTRAINT service_office_district_fk FOREIGN KEY (district) REFERENCES public.region(code);


--
-- Name: staff_login staff_login_staff_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_login
    ADD CONSTRAINT staff_login_staff_fk FOREIGN KEY (staff_id) REFERENCES public.staff_user(id);


--
-- Name: staff_user staff_user_area_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_user
    ADD CONSTRAINT staff_user_area_fk FOREIGN KEY (area) REFERENCES public.area(code);


--
-- Name: subscription subscription_owner_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.subscription
    ADD CONSTRAINT subscription_owner_fk FOREIGN KEY (id, cell) REFERENCES public.owner(id, cell);


--
-- Name: territory territory_cluster_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_cluster_fk FOREIGN KEY (cluster) REFERENCES public.area(code);


--
-- Name: territory territory_depot_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_depot_fk FOREIGN KEY (depot, cluster) REFERENCES public.area(code, parent);


--
-- Name: territory territory_district_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_district_fk FOREIGN KEY (district) REFERENCES public.region(code);


--
-- Name: trusted_device trusted_device_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trusted_device
    ADD CONSTRAINT trusted_device_user_fk FOREIGN KEY (user_id, cell) REFERENCES public.outlet_user(id, cell);


--
-- Name: visit visit_outlet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES public.outlet(id, cell);


--
-- Name: visit_plan visit_plan_outlet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visit_plan
    ADD CONSTRAINT visit_plan_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES public.outlet(id, cell);


--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA public TO konter_app;


--
-- Name: TABLE acceptance; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.acceptance TO konter_app;


--
-- Name: TABLE account; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO konter_app;


--
-- Name: TABLE adjustment; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.adjustment TO konter_app;


--
-- Name: TABLE api_client; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.api_client TO konter_app;


--
-- Name: TABLE api_key; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.api_key TO konter_app;


--
-- Name: TABLE application; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.application TO konter_app;


--
-- Name: TABLE application_nik_key; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.application_nik_key TO konter_app;


--
-- Name: TABLE application_number; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.application_number TO konter_app;


--
-- Name: TABLE application_photo; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.application_photo TO konter_app;


--
-- Name: TABLE area; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.area TO konter_app;


--
-- Name: TABLE audit; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.audit TO konter_app;


--
-- Name: TABLE blacklist; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.blacklist TO konter_app;


--
-- Name: TABLE category; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.category TO konter_app;


--
-- Name: TABLE clock_offset; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clock_offset TO konter_app;


--
-- Name: TABLE code_burn; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.code_burn TO konter_app;


--
-- Name: TABLE customer_session; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.customer_session TO konter_app;


--
-- Name: TABLE district_day; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.district_day TO konter_app;


--
-- Name: TABLE document; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document TO konter_app;


--
-- Name: TABLE entry; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.entry TO konter_app;


--
-- Name: TABLE handset_message; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.handset_message TO konter_app;


--
-- Name: TABLE health_look; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.health_look TO konter_app;


--
-- Name: TABLE house_day; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.house_day TO konter_app;


--
-- Name: SEQUENCE id_block; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.id_block TO konter_app;


--
-- Name: TABLE inactivity; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inactivity TO konter_app;


--
-- Name: TABLE inbound_text; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inbound_text TO konter_app;


--
-- Name: TABLE instance; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.instance TO konter_app;


--
-- Name: TABLE issued_bill; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.issued_bill TO konter_app;


--
-- Name: TABLE job; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job TO konter_app;


--
-- Name: TABLE login; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.login TO konter_app;


--
-- Name: TABLE lost_phone; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.lost_phone TO konter_app;


--
-- Name: TABLE merchant; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.merchant TO konter_app;


--
-- Name: TABLE merchant_number; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.merchant_number TO konter_app;


--
-- Name: TABLE migration; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.migration TO konter_app;


--
-- Name: TABLE notification_number; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_number TO konter_app;


--
-- Name: TABLE number_conflict; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_conflict TO konter_app;


--
-- Name: TABLE number_proof; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_proof TO konter_app;


--
-- Name: TABLE number_registration; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.number_registration TO konter_app;


--
-- Name: TABLE outbox; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO konter_app;


--
-- Name: TABLE outlet; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outlet TO konter_app;


--
-- Name: TABLE outlet_activity; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outlet_activity TO konter_app;


--
-- Name: TABLE outlet_code; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outlet_code TO konter_app;


--
-- Name: TABLE outlet_number; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outlet_number TO konter_app;


--
-- Name: TABLE outlet_user; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outlet_user TO konter_app;


--
-- Name: TABLE owner; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.owner TO konter_app;


--
-- Name: TABLE partner; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.partner TO konter_app;


--
-- Name: TABLE partner_number; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.partner_number TO konter_app;


--
-- Name: TABLE partner_user; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.partner_user TO konter_app;


--
-- Name: TABLE past_plan; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.past_plan TO konter_app;


--
-- Name: TABLE point_day; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.point_day TO konter_app;


--
-- Name: TABLE point_grant; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.point_grant TO konter_app;


--
-- Name: TABLE point_month; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.point_month TO konter_app;


--
-- Name: TABLE point_notice; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.point_notice TO konter_app;


--
-- Name: TABLE point_notice_run; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.point_notice_run TO konter_app;


--
-- Name: TABLE point_run; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.point_run TO konter_app;


--
-- Name: TABLE price; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.price TO konter_app;


--
-- Name: TABLE product; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.product TO konter_app;


--
-- Name: TABLE product_bucket; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.product_bucket TO konter_app;


--
-- Name: TABLE product_closure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.product_closure TO konter_app;


--
-- Name: TABLE product_health; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.product_health TO konter_app;


--
-- Name: TABLE proposal; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.proposal TO konter_app;


--
-- Name: TABLE rate_window; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rate_window TO konter_app;


--
-- Name: TABLE receipt; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.receipt TO konter_app;


--
-- Name: TABLE redemption; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.redemption TO konter_app;


--
-- Name: TABLE reference_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reference_version TO konter_app;


--
-- Name: TABLE region; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.region TO konter_app;


--
-- Name: TABLE reseller_number; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reseller_number TO konter_app;


--
-- Name: TABLE reversal; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reversal TO konter_app;


--
-- Name: TABLE reversal_check; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reversal_check TO konter_app;


--
-- Name: TABLE reward; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reward TO konter_app;


--
-- Name: TABLE reward_closure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reward_closure TO konter_app;


--
-- Name: TABLE reward_code; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.reward_code TO konter_app;


--
-- Name: TABLE reward_code_file; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.reward_code_file TO konter_app;


--
-- Name: TABLE reward_day; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reward_day TO konter_app;


--
-- Name: TABLE reward_offer; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reward_offer TO konter_app;


--
-- Name: TABLE reward_stock; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reward_stock TO konter_app;


--
-- Name: TABLE rule; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rule TO konter_app;


--
-- Name: TABLE sale; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sale TO konter_app;


--
-- Name: TABLE sale_check; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sale_check TO konter_app;


--
-- Name: TABLE seller_number; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.seller_number TO konter_app;


--
-- Name: TABLE service_office; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.service_office TO konter_app;


--
-- Name: TABLE session; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO konter_app;


--
-- Name: TABLE staff_login; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.staff_login TO konter_app;


--
-- Name: TABLE staff_user; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.staff_user TO konter_app;


--
-- Name: TABLE statement_file; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.statement_file TO konter_app;


--
-- Name: TABLE statement_line; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.statement_line TO konter_app;


--
-- Name: TABLE subscription; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.subscription TO konter_app;


--
-- Name: TABLE territory; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.territory TO konter_app;


--
-- Name: TABLE tier_change; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.tier_change TO konter_app;


--
-- Name: TABLE tier_day; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tier_day TO konter_app;


--
-- Name: TABLE tier_member; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tier_member TO konter_app;


--
-- Name: TABLE tier_standing; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tier_standing TO konter_app;


--
-- Name: TABLE transfer; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.transfer TO konter_app;


--
-- Name: TABLE trusted_device; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.trusted_device TO konter_app;


--
-- Name: TABLE username; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.username TO konter_app;


--
-- Name: TABLE ussd_session; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ussd_session TO konter_app;


--
-- Name: TABLE visit; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit TO konter_app;


--
-- Name: TABLE visit_plan; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_plan TO konter_app;


--
-- Name: TABLE wallet_purchase; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.wallet_purchase TO konter_app;


--
-- Name: TABLE work_item; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.work_item TO konter_app;


--
-- Name: DEFAULT PRIVILEGES FOR SEQUENCES; Type: DEFAULT ACL; Schema: public; Owner: -
--

ALTER DEFAULT PRIVILEGES FOR ROLE konter IN SCHEMA public GRANT USAGE ON SEQUENCES TO konter_app;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: public; Owner: -
--

ALTER DEFAULT PRIVILEGES FOR ROLE konter IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES TO konter_app;


--
-- PostgreSQL database dump complete
--

\unrestrict konter

