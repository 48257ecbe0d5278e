### Names of codes, as they stand in a table cell or a sentence; terms of the treaties where they have one.

## Kinds of packet (Kind.Code): titles of UNTOC 16 to 21, UNCAC 44 to 50, 1988 6 to 8 where there is one.

kind-mutual_legal_assistance = mutual legal assistance
kind-confiscation = confiscation
kind-extradition = extradition
kind-provisional_arrest = provisional arrest
kind-transfer_sentenced_person = transfer of a sentenced person
kind-transfer_of_proceedings = transfer of criminal proceedings
kind-spontaneous_information = spontaneous information
kind-financial_intelligence = financial intelligence
kind-joint_operation = joint operation
kind-border_alert = border alert
kind-precursor_alert = precursor alert
kind-technical_assistance = technical assistance
kind-execution = execution of the request
kind-partial_execution = partial execution of the request
kind-refusal = refusal
kind-postponement = postponement
kind-consultation = consultation
kind-information_request = request for additional information
kind-information_response = additional information
kind-progress = report on progress
kind-confidentiality_notice = notice about confidentiality
kind-consent_to_use = consent to use
kind-amendment = amendment of the request
kind-withdrawal = withdrawal of the request
kind-closing = closing of the case

## Urgency (Urgency.Code), of a request.

urgency-routine = routine
urgency-priority = priority
urgency-urgent = urgent
urgency-oral_confirmed = oral request confirmed in writing

## Status of a case (Status.Code), said of the request.

status-registered = registered
status-returned = returned as deficient
status-information_needed = additional information needed
status-information_given = additional information given
status-accepted = accepted for execution
status-consultation = in consultation
status-postponed = postponed
status-refused = refused
status-partly_executed = partly executed
status-executed = executed
status-withdrawn = withdrawn
status-closed = closed

## Grounds of refusal (Status.Ground): UNTOC 18(21), 18(9), 18(25), 16; UNCAC 46(21), 46(9); 1988 7(15).

ground-not_in_conformity = request not made in conformity with the provisions of the treaty
ground-sovereignty_security = prejudice to sovereignty, security, ordre public or other essential interests
ground-domestic_law_prohibits = action prohibited by domestic law with regard to a similar offence
ground-contrary_to_legal_system = contrary to the legal system relating to mutual legal assistance
ground-dual_criminality = absence of dual criminality
ground-de_minimis = matters of a de minimis nature
ground-ongoing_proceedings = interference with an ongoing investigation, prosecution or judicial proceeding
ground-nationality = nationality of the person sought
ground-prescription = lapse of time (prescription)
ground-double_jeopardy = double jeopardy (ne bis in idem)
ground-discrimination = discriminatory prosecution or punishment
ground-political_offence = political offence
ground-military_offence = military offence
ground-torture_risk = risk of torture or cruel, inhuman or degrading treatment
ground-other_ground = other ground
ground-bank_secrecy = bank secrecy
ground-fiscal_matters = fiscal matters

## Legal basis (LegalBasis.Instrument), by the treaties' own titles.

instrument-untoc = United Nations Convention against Transnational Organized Crime
instrument-uncac = United Nations Convention against Corruption
instrument-convention_1988 = United Nations Convention against Illicit Traffic in Narcotic Drugs and Psychotropic Substances of 1988
instrument-bilateral = bilateral treaty
instrument-regional = regional treaty
instrument-reciprocity = reciprocity
instrument-domestic_law = domestic law

## Assistance (Assistance.Code): the items of UNTOC 18(3) and UNCAC 46(3), and what other paragraphs add.

assistance-evidence_or_statements = taking evidence or statements from persons
assistance-service_of_documents = effecting service of judicial documents
assistance-search_or_seizure = executing searches and seizures
assistance-freezing = freezing
assistance-objects_or_sites = examining objects and sites
assistance-information_or_items = providing information and evidentiary items
assistance-expert_evaluation = expert evaluations
assistance-documents_and_records = originals or certified copies of documents and records
assistance-tracing_proceeds = identifying or tracing proceeds of crime, property or instrumentalities for evidentiary purposes
assistance-voluntary_appearance = facilitating the voluntary appearance of persons
assistance-other = other assistance not contrary to domestic law
assistance-proceeds_identification = identifying, freezing and tracing proceeds of crime
assistance-asset_recovery = recovery of assets
assistance-detained_person_transfer = transfer of a person being detained or serving a sentence
assistance-video_hearing = hearing by video conference
assistance-preservation = preservation of data
assistance-stored_data = stored data
assistance-traffic_data = traffic data
assistance-controlled_delivery = controlled delivery
assistance-joint_investigation = joint investigation

## Offences (Offence.Code).

offence-organized_group = participation in an organized criminal group
offence-laundering = laundering of proceeds of crime
offence-corruption = corruption
offence-obstruction = obstruction of justice
offence-drugs = illicit traffic in narcotic drugs and psychotropic substances
offence-precursors = diversion of precursors
offence-trafficking_in_persons = trafficking in persons
offence-smuggling_of_migrants = smuggling of migrants
offence-firearms = illicit manufacturing of and trafficking in firearms
offence-cultural_property = trafficking in cultural property
offence-cybercrime = cybercrime
offence-piracy = piracy
offence-terrorist_financing = financing of terrorism
offence-other_serious_crime = other serious crime

## Events of transport (Event.Code), after ETSI EN 319 522-1.

event-submission_acceptance = submission accepted
event-submission_rejection = submission rejected
event-relay_acceptance = relay accepted
event-relay_rejection = relay rejected
event-relay_failure = relay failed
event-content_consignment = content made available to the recipient
event-content_consignment_failure = content could not be made available
event-content_handover = content handed over to the recipient
event-content_handover_failure = content could not be handed over

## Causes (Cause.Code), why a gateway refused something or put it off.

cause-malformed = malformed
cause-suite_unsupported = set of cryptographic methods not supported
cause-signature_missing = signature missing
cause-signature_invalid = signature not valid
cause-key_not_valid = key not valid for this
cause-wrong_recipient = meant for another recipient
cause-id_conflict = identifier already used for something else
cause-expired = expired
cause-too_large = too large
cause-content_key_gone = content key no longer there
cause-key_box_invalid = key box not valid
cause-object_invalid = an object does not agree with the signed header
cause-body_malformed = body cannot be read
cause-body_inconsistent = body contradicts the header or the attachments
cause-illegal_transition = step not allowed in this state of the case
cause-chain_conflict = contradicts the sequence of statuses
cause-order_violated = order violated
cause-pairing_ended = pairing ended
cause-kind_not_taken = kind of request not accepted
cause-language_not_taken = language not accepted
cause-content_deficient = content deficient under the treaty
cause-busy = busy
cause-storage_full = storage full
cause-key_unknown = key not yet known
cause-predecessor_missing = an earlier packet is missing
cause-clock_ahead = sender’s clock is ahead
cause-status_gap = an earlier status is missing
cause-objects_incomplete = objects incomplete
cause-recovering = gateway is recovering
cause-pairing_suspended = pairing suspended
cause-no_answer = no answer

## Traffic Light Protocol 2.0 (Handling.Tlp): the labels stay as they are in every language.

tlp-unmarked = unmarked
tlp-clear = TLP:CLEAR
tlp-green = TLP:GREEN
tlp-amber = TLP:AMBER
tlp-amber_strict = TLP:AMBER+STRICT
tlp-red = TLP:RED

## Handling of the content (flags of Handling).

handling-intelligence_only = for intelligence only, not as evidence
handling-no_dissemination = not to be passed on
handling-consented = use consented to as the caveat says
handling-victim_protected = identity of victims protected
handling-sealed_fact = fact and substance of the request confidential

## Calendars (Date.Calendar).

calendar-gregorian = Gregorian
calendar-solar_hijri = Solar Hijri
calendar-lunar_hijri = Lunar Hijri

## How exact a date is (Date.Precision).

precision-day = to the day
precision-month = to the month
precision-year = to the year
precision-approximate = approximate

## Sex of a person (Person.Sex).

sex-female = female
sex-male = male
sex-other_sex = other

## What a person is in the matter (Person.Role).

role-suspect = suspect
role-accused = accused
role-convicted = convicted person
role-sought = person sought
role-witness = witness
role-expert = expert
role-victim = victim
role-third_party = third party
role-addressee = addressee of a document
role-other_role = other

## Conveyances (Conveyance.Form).

conveyance-road = road vehicle
conveyance-rail = rail vehicle
conveyance-vessel = vessel
conveyance-aircraft = aircraft
conveyance-container = container

## Listing of a substance (Substance.Listing) under the drug conventions.

listing-table_one = Table I of the 1988 Convention
listing-table_two = Table II of the 1988 Convention
listing-scheduled_drug = scheduled under the 1961 or the 1971 Convention
listing-unlisted = not listed

## Decisions of courts and other authorities (CourtDecision.Form).

decision-arrest_warrant = arrest warrant
decision-judgment = judgment
decision-confiscation_order = order of confiscation
decision-freezing_order = freezing or seizure order
decision-production_order = production order
decision-search_warrant = search warrant
decision-indictment = indictment
decision-other_decision = other decision

## Nature of the proceeding (Proceeding.Nature): item (b) of UNTOC 18(15), UNCAC 46(15), 1988 7(10).

nature-investigation = investigation
nature-prosecution = prosecution
nature-trial = judicial proceeding
nature-enforcement = enforcement of a decision

## Aim of an extradition (Extradition.Aim).

aim-prosecution = prosecution
aim-sentence = serving of a sentence

## Who wishes the transfer of a sentenced person (TransferSentencedPerson.Initiative).

initiative-sentencing_state = sentencing State
initiative-administering_state = administering State
initiative-sentenced_person = sentenced person

## Financial intelligence: its mode (FinancialIntelligence.Mode).

mode-inquiry = inquiry
mode-answer = answer to an inquiry
mode-disclosure = spontaneous disclosure

## Financial intelligence: how far it may be passed on (FinancialIntelligence.Onward).

onward-none = not to be passed on
onward-on_request = to be asked for, case by case
onward-as_intelligence = to competent authorities, as intelligence
onward-as_evidence = to competent authorities, as evidence too

## What is asked at a crossing (BorderAlert.Action).

action-notify = notify
action-observe = observe discreetly
action-check = check
action-stop = stop

## Parties to a consignment (PrecursorAlert.Party.Part).

part-exporter = exporter
part-importer = importer
part-consignee = consignee
part-broker = broker
part-carrier = carrier
part-manufacturer = manufacturer
part-end_user = end user

## Technical assistance: what it consists of (TechnicalAssistance.Subtype).

subtype-training = training
subtype-equipment = equipment
subtype-expert_mission = expert mission
subtype-legislation = advice on legislation
subtype-knowledge_exchange = exchange of knowledge

## Technical assistance: its priority (TechnicalAssistance.Level).

level-low = low
level-medium = medium
level-high = high

## What a consultation is for (Consultation.Intent).

intent-before_refusal = before a refusal
intent-before_postponement = before a postponement
intent-on_conditions = on terms and conditions
intent-on_costs = on costs
intent-on_jurisdiction = on jurisdiction
intent-answer = answer to a consultation
intent-on_other = on another matter

## Notices about confidentiality (ConfidentialityNotice.Case).

notice-cannot_keep = confidentiality cannot be kept as asked
notice-exculpatory = disclosure of exculpatory information to an accused person
notice-compelled = disclosure compelled by a court or by law
notice-breached = confidentiality breached

## Consent to use (ConsentToUse.Step): UNTOC 18(19), UNCAC 46(19), 1988 7(13).

step-asked = consent asked for
step-given = consent given
step-given_on_conditions = consent given on conditions
step-denied = consent denied

## How a case ended for its sender (Closing.Result).

result-satisfied = request satisfied
result-partly_satisfied = request partly satisfied
result-unsatisfied = request not satisfied
result-overtaken = overtaken by events

## Why an officer opened content (OpeningPurpose.Code).

purpose-not_said = not said
purpose-execution = execution of a request or use of an answer
purpose-review = review by a supervisor
purpose-appeal = remedy against a decision
purpose-audit = audit
purpose-technical = care of the gateway
purpose-other = other

## Why content was destroyed (ErasureReason.Code).

erasure-retention_over = time of keeping over
erasure-court_order = ordered by a court or another authority
erasure-request_withdrawn = request withdrawn
erasure-sent_in_error = sent in error
erasure-other = other reason
