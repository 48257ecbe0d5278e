### Terms of the treaties' own French versions, as far as known; "for review" stands over those that are unsure.

## Kinds of packet (Kind.Code): titles of UNTOC 16 to 21, UNCAC 44 to 50, 1988 6 to 8 where there is one.

kind-mutual_legal_assistance = entraide judiciaire
kind-confiscation = confiscation
kind-extradition = extradition
kind-provisional_arrest = arrestation provisoire
kind-transfer_sentenced_person = transfèrement d’une personne condamnée
kind-transfer_of_proceedings = transfert de procédures pénales
kind-spontaneous_information = informations communiquées spontanément
kind-financial_intelligence = renseignement financier
kind-joint_operation = opération conjointe
# for review
kind-border_alert = alerte aux frontières
# for review
kind-precursor_alert = alerte concernant des précurseurs
kind-technical_assistance = assistance technique
kind-execution = exécution de la demande
kind-partial_execution = exécution partielle de la demande
kind-refusal = refus
kind-postponement = report de l’entraide
kind-consultation = consultation
kind-information_request = demande de complément d’information
kind-information_response = complément d’information
kind-progress = état d’avancement
kind-confidentiality_notice = avis relatif à la confidentialité
kind-consent_to_use = consentement à l’utilisation
kind-amendment = modification de la demande
kind-withdrawal = retrait de la demande
kind-closing = clôture du dossier

## Urgency (Urgency.Code), of a request.

urgency-routine = ordinaire
urgency-priority = prioritaire
urgency-urgent = urgente
urgency-oral_confirmed = demande orale confirmée par écrit

## Status of a case (Status.Code), said of the request.

status-registered = enregistrée
status-returned = renvoyée comme incomplète
status-information_needed = complément d’information nécessaire
status-information_given = complément d’information fourni
status-accepted = acceptée pour exécution
status-consultation = en consultation
status-postponed = différée
status-refused = refusée
status-partly_executed = exécutée en partie
status-executed = exécutée
status-withdrawn = retirée
status-closed = close

## Grounds of refusal (Status.Ground): UNTOC 18(21), 18(9), 18(25), 16; UNCAC 46(21), 46(9); 1988 7(15).

ground-not_in_conformity = demande non conforme aux dispositions du traité
ground-sovereignty_security = atteinte à la souveraineté, à la sécurité, à l’ordre public ou à d’autres intérêts essentiels
ground-domestic_law_prohibits = mesures interdites par le droit interne s’il s’agissait d’une infraction analogue
ground-contrary_to_legal_system = contraire au système juridique concernant l’entraide judiciaire
ground-dual_criminality = absence de double incrimination
ground-de_minimis = questions mineures (de minimis)
ground-ongoing_proceedings = entrave à une enquête, à des poursuites ou à une procédure judiciaire en cours
ground-nationality = nationalité de la personne réclamée
ground-prescription = prescription
ground-double_jeopardy = ne bis in idem
ground-discrimination = poursuites ou peine discriminatoires
ground-political_offence = infraction politique
ground-military_offence = infraction militaire
ground-torture_risk = risque de torture ou de traitements cruels, inhumains ou dégradants
ground-other_ground = autre motif
ground-bank_secrecy = secret bancaire
ground-fiscal_matters = questions fiscales

## Legal basis (LegalBasis.Instrument), by the treaties' own titles.

instrument-untoc = Convention des Nations Unies contre la criminalité transnationale organisée
instrument-uncac = Convention des Nations Unies contre la corruption
instrument-convention_1988 = Convention des Nations Unies contre le trafic illicite de stupéfiants et de substances psychotropes de 1988
instrument-bilateral = traité bilatéral
instrument-regional = traité régional
instrument-reciprocity = réciprocité
instrument-domestic_law = droit interne

## Assistance (Assistance.Code): the items of UNTOC 18(3) and UNCAC 46(3), and what other paragraphs add.

assistance-evidence_or_statements = recueil de témoignages ou de dépositions
assistance-service_of_documents = signification d’actes judiciaires
assistance-search_or_seizure = perquisitions et saisies
assistance-freezing = gel
assistance-objects_or_sites = examen d’objets et visite de lieux
assistance-information_or_items = fourniture d’informations et de pièces à conviction
assistance-expert_evaluation = estimations d’experts
assistance-documents_and_records = originaux ou copies certifiées conformes de documents et dossiers
assistance-tracing_proceeds = identification ou localisation de produits du crime, de biens ou d’instruments afin de recueillir des éléments de preuve
assistance-voluntary_appearance = comparution volontaire de personnes
assistance-other = autre assistance compatible avec le droit interne
assistance-proceeds_identification = identification, gel et localisation du produit du crime
assistance-asset_recovery = recouvrement d’avoirs
assistance-detained_person_transfer = transfèrement d’une personne détenue ou purgeant une peine
assistance-video_hearing = audition par vidéoconférence
assistance-preservation = conservation de données
assistance-stored_data = données stockées
assistance-traffic_data = données relatives au trafic
assistance-controlled_delivery = livraison surveillée
assistance-joint_investigation = enquête conjointe

## Offences (Offence.Code).

offence-organized_group = participation à un groupe criminel organisé
offence-laundering = blanchiment du produit du crime
offence-corruption = corruption
offence-obstruction = entrave au bon fonctionnement de la justice
offence-drugs = trafic illicite de stupéfiants et de substances psychotropes
offence-precursors = détournement de précurseurs
offence-trafficking_in_persons = traite des personnes
offence-smuggling_of_migrants = trafic illicite de migrants
offence-firearms = fabrication et trafic illicites d’armes à feu
offence-cultural_property = trafic de biens culturels
offence-cybercrime = cybercriminalité
offence-piracy = piraterie
offence-terrorist_financing = financement du terrorisme
offence-other_serious_crime = autre infraction grave

## Events of transport (Event.Code), after ETSI EN 319 522-1.

# for review
event-submission_acceptance = dépôt accepté
# for review
event-submission_rejection = dépôt rejeté
# for review
event-relay_acceptance = relais accepté
# for review
event-relay_rejection = relais rejeté
# for review
event-relay_failure = échec du relais
# for review
event-content_consignment = contenu mis à la disposition du destinataire
# for review
event-content_consignment_failure = contenu impossible à mettre à disposition
# for review
event-content_handover = contenu remis au destinataire
# for review
event-content_handover_failure = contenu impossible à remettre

## Causes (Cause.Code), why a gateway refused something or put it off.

cause-malformed = forme incorrecte
cause-suite_unsupported = jeu de procédés cryptographiques non pris en charge
cause-signature_missing = signature manquante
cause-signature_invalid = signature non valable
cause-key_not_valid = clé non valable à cette fin
cause-wrong_recipient = autre destinataire
cause-id_conflict = identifiant déjà utilisé pour autre chose
cause-expired = délai expiré
cause-too_large = trop volumineux
cause-content_key_gone = clé de contenu disparue
cause-key_box_invalid = coffret de clé non valable
cause-object_invalid = objet non conforme à l’en-tête signé
cause-body_malformed = corps illisible
cause-body_inconsistent = corps en contradiction avec l’en-tête ou les pièces jointes
cause-illegal_transition = étape non admise dans cet état du dossier
cause-chain_conflict = contredit la suite des états
cause-order_violated = ordre non respecté
# for review
cause-pairing_ended = appariement terminé
cause-kind_not_taken = type de demande non accepté
cause-language_not_taken = langue non acceptée
cause-content_deficient = contenu incomplet au regard du traité
cause-busy = occupé
cause-storage_full = stockage plein
cause-key_unknown = clé pas encore connue
cause-predecessor_missing = envoi antérieur manquant
cause-clock_ahead = horloge de l’expéditeur en avance
cause-status_gap = état antérieur manquant
cause-objects_incomplete = objets incomplets
cause-recovering = passerelle en cours de rétablissement
# for review
cause-pairing_suspended = appariement suspendu
cause-no_answer = pas de réponse

## Traffic Light Protocol 2.0 (Handling.Tlp): the labels stay as they are in every language.

tlp-unmarked = sans marquage
tlp-clear = TLP:CLEAR
tlp-green = TLP:GREEN
tlp-amber = TLP:AMBER
tlp-amber_strict = TLP:AMBER+STRICT
tlp-red = TLP:RED

## Handling of the content (flags of Handling).

handling-intelligence_only = à titre de renseignement seulement, non comme preuve
handling-no_dissemination = à ne pas transmettre à des tiers
handling-consented = utilisation autorisée dans les termes de la réserve
handling-victim_protected = identité des victimes protégée
handling-sealed_fact = existence et teneur de la demande confidentielles

## Calendars (Date.Calendar).

calendar-gregorian = grégorien
calendar-solar_hijri = hégirien solaire
calendar-lunar_hijri = hégirien lunaire

## How exact a date is (Date.Precision).

precision-day = au jour près
precision-month = au mois près
precision-year = à l’année près
precision-approximate = approximative

## Sex of a person (Person.Sex).

sex-female = féminin
sex-male = masculin
sex-other_sex = autre

## What a person is in the matter (Person.Role).

role-suspect = suspect
role-accused = prévenu ou accusé
role-convicted = personne condamnée
role-sought = personne réclamée
role-witness = témoin
role-expert = expert
role-victim = victime
role-third_party = tiers
role-addressee = destinataire d’un acte
role-other_role = autre

## Conveyances (Conveyance.Form).

conveyance-road = véhicule routier
conveyance-rail = véhicule ferroviaire
conveyance-vessel = navire
conveyance-aircraft = aéronef
conveyance-container = conteneur

## Listing of a substance (Substance.Listing) under the drug conventions.

listing-table_one = Tableau I de la Convention de 1988
listing-table_two = Tableau II de la Convention de 1988
listing-scheduled_drug = inscrit aux tableaux de la Convention de 1961 ou de 1971
listing-unlisted = non inscrit

## Decisions of courts and other authorities (CourtDecision.Form).

decision-arrest_warrant = mandat d’arrêt
decision-judgment = jugement
decision-confiscation_order = décision de confiscation
decision-freezing_order = décision de gel ou de saisie
decision-production_order = injonction de produire
decision-search_warrant = mandat de perquisition
decision-indictment = acte d’accusation
decision-other_decision = autre décision

## Nature of the proceeding (Proceeding.Nature): item (b) of UNTOC 18(15), UNCAC 46(15), 1988 7(10).

nature-investigation = enquête
nature-prosecution = poursuites
nature-trial = procédure judiciaire
nature-enforcement = exécution d’une décision

## Aim of an extradition (Extradition.Aim).

aim-prosecution = poursuites
aim-sentence = exécution d’une peine

## Who wishes the transfer of a sentenced person (TransferSentencedPerson.Initiative).

initiative-sentencing_state = État de condamnation
initiative-administering_state = État d’exécution
initiative-sentenced_person = personne condamnée

## Financial intelligence: its mode (FinancialIntelligence.Mode).

mode-inquiry = demande de renseignements
mode-answer = réponse à une demande
mode-disclosure = communication spontanée

## Financial intelligence: how far it may be passed on (FinancialIntelligence.Onward).

onward-none = aucune transmission à des tiers
onward-on_request = à demander cas par cas
onward-as_intelligence = aux autorités compétentes, à titre de renseignement
onward-as_evidence = aux autorités compétentes, y compris comme preuve

## What is asked at a crossing (BorderAlert.Action).

action-notify = signaler
action-observe = surveiller discrètement
action-check = contrôler
action-stop = intercepter

## Parties to a consignment (PrecursorAlert.Party.Part).

part-exporter = exportateur
part-importer = importateur
part-consignee = destinataire
part-broker = courtier
part-carrier = transporteur
part-manufacturer = fabricant
part-end_user = utilisateur final

## Technical assistance: what it consists of (TechnicalAssistance.Subtype).

subtype-training = formation
subtype-equipment = équipement
subtype-expert_mission = mission d’experts
subtype-legislation = conseil législatif
subtype-knowledge_exchange = échange de connaissances

## Technical assistance: its priority (TechnicalAssistance.Level).

level-low = faible
level-medium = moyenne
level-high = élevée

## What a consultation is for (Consultation.Intent).

intent-before_refusal = avant un refus
intent-before_postponement = avant un report
intent-on_conditions = sur les conditions
intent-on_costs = sur les frais
intent-on_jurisdiction = sur la compétence
intent-answer = réponse à une consultation
intent-on_other = sur une autre question

## Notices about confidentiality (ConfidentialityNotice.Case).

notice-cannot_keep = confidentialité demandée impossible à respecter
notice-exculpatory = révélation d’informations à la décharge d’un prévenu
notice-compelled = révélation imposée par la justice ou la loi
notice-breached = confidentialité rompue

## Consent to use (ConsentToUse.Step): UNTOC 18(19), UNCAC 46(19), 1988 7(13).

step-asked = consentement demandé
step-given = consentement donné
step-given_on_conditions = consentement donné sous conditions
step-denied = consentement refusé

## How a case ended for its sender (Closing.Result).

result-satisfied = demande satisfaite
result-partly_satisfied = demande satisfaite en partie
result-unsatisfied = demande non satisfaite
result-overtaken = demande devenue sans objet

## Why an officer opened content (OpeningPurpose.Code).

purpose-not_said = non indiqué
purpose-execution = exécution d’une demande ou exploitation d’une réponse
purpose-review = contrôle hiérarchique
purpose-appeal = recours contre une décision
purpose-audit = audit
purpose-technical = maintenance de la passerelle
purpose-other = autre

## Why content was destroyed (ErasureReason.Code).

erasure-retention_over = durée de conservation écoulée
erasure-court_order = ordonné par un tribunal ou une autre autorité
erasure-request_withdrawn = demande retirée
erasure-sent_in_error = envoyé par erreur
erasure-other = autre raison
