## RequestFile

field-RequestFile-recipient = Destinataire (identifiant de l’autorité)
field-RequestFile-kind = Type
field-RequestFile-urgency = Urgence
field-RequestFile-expires = Expiration
field-RequestFile-case = Dossier (identifiant)
field-RequestFile-in_reply_to = Envoi auquel il est répondu
field-RequestFile-replaces = Envoi rejeté qu’il remplace
field-RequestFile-request = La demande
field-RequestFile-attachments = Pièces jointes

## AttachmentFile

field-AttachmentFile-path = Chemin du fichier
field-AttachmentFile-name = Nom présenté au destinataire
field-AttachmentFile-media_type = Type de fichier (MIME)
field-AttachmentFile-language = Langue
field-AttachmentFile-translation_of = Traduction de la pièce jointe (numéro)

## Request

field-Request-schema = Version du schéma
field-Request-sender_reference = Référence de l’expéditeur
field-Request-recipient_reference = Référence du destinataire
field-Request-wanted_by = Date limite suggérée
field-Request-language = Langue du texte
field-Request-handling = Traitement du contenu
field-Request-urgency_reason = Motifs de l’urgence
field-Request-oral_request = Demande orale ainsi confirmée
field-Request-legal_basis = Base juridique
field-Request-offences = Infractions
field-Request-attachments = Pièces jointes
field-Request-authority = Autorité expéditrice
field-Request-linked_packets = Envois liés d’autres dossiers
field-Request-mutual_legal_assistance = Entraide judiciaire
field-Request-confiscation = Confiscation
field-Request-extradition = Extradition
field-Request-provisional_arrest = Arrestation provisoire
field-Request-transfer_sentenced_person = Transfèrement d’une personne condamnée
field-Request-transfer_of_proceedings = Transfert de procédures pénales
field-Request-spontaneous_information = Informations communiquées spontanément
field-Request-financial_intelligence = Renseignement financier
field-Request-joint_operation = Opération conjointe
# for review
field-Request-border_alert = Alerte aux frontières
# for review
field-Request-precursor_alert = Alerte concernant des précurseurs
field-Request-technical_assistance = Assistance technique
field-Request-execution = Exécution de la demande
field-Request-partial_execution = Exécution partielle de la demande
field-Request-refusal = Refus
field-Request-postponement = Report de l’entraide
field-Request-consultation = Consultation
field-Request-information_request = Demande de complément d’information
field-Request-information_response = Complément d’information
field-Request-progress = État d’avancement
field-Request-confidentiality_notice = Avis relatif à la confidentialité
field-Request-consent_to_use = Consentement à l’utilisation
field-Request-amendment = Modification de la demande
field-Request-withdrawal = Retrait de la demande
field-Request-closing = Clôture du dossier

## WantedBy

field-WantedBy-date = Souhaité avant le
field-WantedBy-reason = Motifs de la date limite

## Handling

field-Handling-tlp = Marquage TLP
field-Handling-intelligence_only = Renseignement seulement, non preuve
field-Handling-no_dissemination = À ne pas transmettre à des tiers
field-Handling-consented = Utilisation autorisée
field-Handling-victim_protected = Identité des victimes protégée
field-Handling-sealed_fact = Existence et teneur confidentielles
field-Handling-caveat = Restrictions ou consentement, en clair

## OralRequest

field-OralRequest-made_at = Présentée le
field-OralRequest-made_by = Présentée par
field-OralRequest-taken_by = Reçue par
field-OralRequest-means = Moyen utilisé

## LegalBasis

field-LegalBasis-instrument = Traité ou autre base
field-LegalBasis-article = Article et paragraphe
field-LegalBasis-name = Intitulé du traité ou de la loi

## Attachment

field-Attachment-name = Nom du fichier
field-Attachment-media_type = Type de fichier (MIME)
field-Attachment-size = Taille en octets
field-Attachment-sha256 = Empreinte SHA-256
field-Attachment-language = Langue
field-Attachment-translation_of = Traduction de la pièce jointe (numéro)

## Date

field-Date-iso = Date (grégorienne)
field-Date-calendar = Calendrier de l’original
field-Date-as_written = Tel qu’écrit
field-Date-precision = Précision

## Moment

field-Moment-time = Date et heure
field-Moment-as_written = Tel qu’écrit
field-Moment-calendar = Calendrier de l’original

## Period

field-Period-begins = Du
field-Period-ends = Au

## TimeWindow

field-TimeWindow-begins = Du
field-TimeWindow-ends = Au

## Place

field-Place-name = Nom du lieu
field-Place-address = Adresse
field-Place-locality = Localité
field-Place-region = Région
field-Place-state = État
field-Place-latitude = Latitude
field-Place-longitude = Longitude
field-Place-identifiers = Numéros d’identification

## Identifier

field-Identifier-scheme = Type de numéro
field-Identifier-value = Numéro
field-Identifier-issuer = Délivré par
field-Identifier-expires = Valable jusqu’au

## Amount

field-Amount-currency = Monnaie
field-Amount-value = Montant

## Transliteration

field-Transliteration-text = Translittération
field-Transliteration-scheme = Système ou graphie

## PersonName

field-PersonName-text = Nom dans sa propre écriture
field-PersonName-language = Langue du nom
field-PersonName-script = Écriture
field-PersonName-transliterations = Translittérations
field-PersonName-aliases = Autres noms utilisés
field-PersonName-father_name = Nom du père
field-PersonName-mother_name = Nom de la mère

## Person

field-Person-names = Noms
field-Person-birth_date = Date de naissance
field-Person-birth_place = Lieu de naissance
field-Person-nationalities = Nationalité
field-Person-location = Lieu où se trouve la personne
field-Person-identifiers = Pièces et numéros d’identité
field-Person-sex = Sexe
field-Person-role = Qualité dans l’affaire
field-Person-description = Signalement
field-Person-connection = Lien avec l’affaire
field-Person-identity_withheld = Identité volontairement non révélée

## OrganizationName

field-OrganizationName-text = Dénomination dans sa propre écriture
field-OrganizationName-language = Langue de la dénomination
field-OrganizationName-script = Écriture
field-OrganizationName-transliterations = Translittérations
field-OrganizationName-aliases = Autres noms utilisés

## Organization

field-Organization-names = Dénominations
field-Organization-legal_form = Forme juridique
field-Organization-state = État d’immatriculation
field-Organization-location = Siège ou établissement
field-Organization-identifiers = Numéros d’immatriculation et autres
field-Organization-people = Dirigeants et propriétaires (numéros)
field-Organization-connection = Lien avec l’affaire

## Contact

field-Contact-name = Personne à contacter
field-Contact-post = Fonction
field-Contact-telephone = Téléphone
field-Contact-email = Courriel
field-Contact-address = Adresse
field-Contact-languages = Langues parlées
field-Contact-round_the_clock = Disponible à toute heure

## Authority

field-Authority-name = Désignation de l’autorité
field-Authority-function = Fonctions de l’autorité
field-Authority-contact = Contact
field-Authority-state = État

## Account

field-Account-number = Numéro de compte
field-Account-institution = Établissement financier
field-Account-branch = Agence
field-Account-holder = Titulaire du compte
field-Account-currency = Monnaie

## Transfer

field-Transfer-date = Date du virement
field-Transfer-payer = Compte débité
field-Transfer-payee = Compte crédité
field-Transfer-amount = Montant
field-Transfer-remark = Libellé du virement

## Substance

field-Substance-name = Substance
field-Substance-cas_number = Numéro CAS
field-Substance-mass_grams = Masse en grammes
field-Substance-volume_millilitres = Volume en millilitres
field-Substance-purity_percent = Pureté en pour cent
field-Substance-hs_code = Code du Système harmonisé
field-Substance-listing = Inscription aux tableaux des conventions
field-Substance-packaging = Conditionnement

## CulturalObject

field-CulturalObject-title = Titre
field-CulturalObject-category = Type d’objet
field-CulturalObject-materials = Matériaux et techniques
field-CulturalObject-measurements = Dimensions
field-CulturalObject-inscriptions = Inscriptions et marques
field-CulturalObject-distinguishing_features = Signes distinctifs
field-CulturalObject-date_or_period = Date ou époque
field-CulturalObject-maker = Auteur
field-CulturalObject-origin = Lieu d’origine
field-CulturalObject-value = Valeur
field-CulturalObject-photographs = Photographies (numéros des pièces jointes)
field-CulturalObject-identifiers = Numéros d’inventaire et autres

## Conveyance

field-Conveyance-form = Type de moyen de transport
field-Conveyance-registration = Immatriculation
field-Conveyance-state = État d’immatriculation ou du pavillon
field-Conveyance-name = Nom porté
field-Conveyance-description = Description
field-Conveyance-identifiers = Numéros d’identification

## Offence

field-Offence-code = Infraction
field-Offence-title = Qualification en droit interne
field-Offence-provision = Loi et article
field-Offence-text = Texte de la disposition
field-Offence-penalty = Texte de la peine
field-Offence-committed = Date de commission
field-Offence-prescribed_on = Date de prescription

## CourtDecision

field-CourtDecision-form = Type de décision
field-CourtDecision-issued_by = Rendue par
field-CourtDecision-date = Date de la décision
field-CourtDecision-reference = Référence de la décision
field-CourtDecision-operative_part = Dispositif
field-CourtDecision-is_final = Plus susceptible d’appel ordinaire
field-CourtDecision-in_absentia = Rendue par défaut
field-CourtDecision-copy = Copie légalement admissible (pièce jointe)

## Proceeding

field-Proceeding-subject_matter = Objet
field-Proceeding-nature = Nature de la procédure
field-Proceeding-conducted_by = Autorité qui en est chargée
field-Proceeding-reference = Numéro de dossier

## Facts

field-Facts-summary = Résumé des faits pertinents
field-Facts-period = Date des faits
field-Facts-places = Lieux
field-Facts-amounts = Montants
field-Facts-accounts = Comptes
field-Facts-substances = Substances
field-Facts-cultural_objects = Biens culturels
field-Facts-conveyances = Véhicules, navires, aéronefs, conteneurs

## Matter

field-Matter-proceeding = Enquête, poursuites ou procédure judiciaire
field-Matter-facts = Faits pertinents
field-Matter-charges = Infractions poursuivies
field-Matter-persons = Personnes visées
field-Matter-organizations = Organisations visées
field-Matter-purpose = But dans lequel l’entraide est demandée
## MutualLegalAssistance

field-MutualLegalAssistance-matter = L’affaire
field-MutualLegalAssistance-assistance = Assistance demandée
field-MutualLegalAssistance-attendance = Présence d’agents demandée
field-MutualLegalAssistance-costs = Frais prévus

## Assistance

field-Assistance-code = Type d’assistance
field-Assistance-description = Description de l’assistance demandée
field-Assistance-procedure = Procédure particulière à suivre
field-Assistance-persons = Personnes visées (numéros)
field-Assistance-organizations = Organisations visées (numéros)
field-Assistance-places = Lieux visés
field-Assistance-decision = Décision qui la fonde
field-Assistance-hearing = Témoignage ou audition
field-Assistance-service = Signification d’actes
field-Assistance-records = Documents et dossiers
field-Assistance-search = Perquisition, saisie ou gel
field-Assistance-custody = Transfèrement d’une personne détenue
field-Assistance-data = Conservation ou production de données
field-Assistance-delivery = Livraison surveillée

## Assistance.Hearing

field-Assistance_Hearing-questions = Questions à poser
field-Assistance_Hearing-solemn_form = Serment ou forme solennelle
field-Assistance_Hearing-cautions = Droits et devoirs à notifier
field-Assistance_Hearing-proposed = Date proposée
field-Assistance_Hearing-technical_needs = Besoins techniques de l’audition

## Assistance.Service

field-Assistance_Service-document = Acte à signifier
field-Assistance_Service-attachments = Pièces jointes (numéros)
field-Assistance_Service-appear_at = Lieu de comparution
field-Assistance_Service-appear_on = Date de comparution
field-Assistance_Service-serve_by = À signifier avant le
field-Assistance_Service-safe_conduct = Immunité accordée (sauf-conduit)
field-Assistance_Service-personal = Signification à personne exigée

## Assistance.Records

field-Assistance_Records-holder = Détenteur des documents
field-Assistance_Records-accounts = Comptes
field-Assistance_Records-period = Période visée
field-Assistance_Records-wanted = Documents recherchés
field-Assistance_Records-certification = Forme de certification

## Assistance.Search

field-Assistance_Search-items = Objets à rechercher ou à saisir
field-Assistance_Search-accounts = Comptes à saisir ou à geler
field-Assistance_Search-values = Montants à saisir ou à geler

## Assistance.Custody

field-Assistance_Custody-consented_on = Date du consentement de la personne
field-Assistance_Custody-period = Durée du transfèrement
field-Assistance_Custody-arrangements = Détention et retour

## Assistance.Data

field-Assistance_Data-provider = Fournisseur de services
field-Assistance_Data-identifiers = Comptes, numéros et adresses
field-Assistance_Data-window = Période couverte par les données
field-Assistance_Data-categories = Catégories de données

## Assistance.Delivery

field-Assistance_Delivery-route = Itinéraire
field-Assistance_Delivery-window = Date de la livraison
field-Assistance_Delivery-conveyances = Véhicules, navires, aéronefs, conteneurs
field-Assistance_Delivery-substances = Substances
field-Assistance_Delivery-method = Méthode de livraison

## Confiscation

field-Confiscation-matter = L’affaire
field-Confiscation-property = Biens à confisquer
field-Confiscation-domestic_order = Décision à obtenir
field-Confiscation-enforce_order = Décision à exécuter
field-Confiscation-freeze = Localisation, gel ou saisie
field-Confiscation-disposal = Restitution, disposition et partage

## Confiscation.Property

field-Confiscation_Property-description = Description du bien
field-Confiscation_Property-location = Lieu où se trouve le bien
field-Confiscation_Property-estimated_value = Valeur estimée
field-Confiscation_Property-account = Compte
field-Confiscation_Property-holder = Détenteur du bien
field-Confiscation_Property-link = Lien avec l’infraction

## Confiscation.DomesticOrder

field-Confiscation_DomesticOrder-grounds = Faits invoqués

## Confiscation.EnforceOrder

field-Confiscation_EnforceOrder-order = Décision de confiscation
field-Confiscation_EnforceOrder-grounds = Faits invoqués
field-Confiscation_EnforceOrder-extent = Mesure dans laquelle exécuter la décision
field-Confiscation_EnforceOrder-extent_value = Montant à exécuter
field-Confiscation_EnforceOrder-bona_fide_measures = Notification aux tiers de bonne foi
field-Confiscation_EnforceOrder-due_process = Respect des garanties d’une procédure régulière
field-Confiscation_EnforceOrder-finality = Caractère définitif de la décision

## Confiscation.Freeze

field-Confiscation_Freeze-grounds = Faits invoqués
field-Confiscation_Freeze-actions = Mesures demandées
field-Confiscation_Freeze-order = Décision sur laquelle la demande se fonde
field-Confiscation_Freeze-period = Durée des mesures

## Extradition

field-Extradition-matter = L’affaire
field-Extradition-person = Personne réclamée
field-Extradition-aim = But de l’extradition
field-Extradition-decisions = Mandats et jugements
field-Extradition-remaining_sentence = Reliquat de la peine
field-Extradition-assurances = Assurances données
field-Extradition-surrender = Modalités de la remise

## ProvisionalArrest

field-ProvisionalArrest-matter = L’affaire
field-ProvisionalArrest-person = Personne réclamée
field-ProvisionalArrest-decision = Mandat ou jugement
field-ProvisionalArrest-reason = Motifs de l’urgence
field-ProvisionalArrest-extradition_follows = Une demande d’extradition suivra
field-ProvisionalArrest-within_days = Nombre de jours jusque-là
field-ProvisionalArrest-remaining_sentence = Reliquat de la peine

## TransferSentencedPerson

field-TransferSentencedPerson-matter = L’affaire
field-TransferSentencedPerson-person = Personne condamnée
field-TransferSentencedPerson-judgment = Jugement
field-TransferSentencedPerson-sentence = Peine prononcée
field-TransferSentencedPerson-served_from = Purgée depuis le
field-TransferSentencedPerson-ends_on = Fin de la peine
field-TransferSentencedPerson-initiative = À l’initiative de
field-TransferSentencedPerson-consented_on = Date du consentement de la personne
field-TransferSentencedPerson-ties = Attaches : famille, domicile, langue
field-TransferSentencedPerson-health = État de santé

## TransferOfProceedings

field-TransferOfProceedings-matter = L’affaire
field-TransferOfProceedings-reason = Intérêt d’une bonne administration de la justice
field-TransferOfProceedings-gathered = Preuves et actes accomplis
field-TransferOfProceedings-file = Pièces du dossier (numéros des pièces jointes)
field-TransferOfProceedings-stayed = Procédure propre suspendue
field-TransferOfProceedings-views = Avis des victimes et du prévenu

## SpontaneousInformation

field-SpontaneousInformation-information = Informations
field-SpontaneousInformation-relevance = Utilité pour le destinataire
field-SpontaneousInformation-persons = Personnes visées
field-SpontaneousInformation-organizations = Organisations visées
field-SpontaneousInformation-accounts = Comptes
field-SpontaneousInformation-restrictions = Restrictions à l’utilisation
field-SpontaneousInformation-restricted_until = Restrictions valables jusqu’au

## FinancialIntelligence

field-FinancialIntelligence-mode = Demande, réponse ou communication
field-FinancialIntelligence-persons = Personnes (sujets)
field-FinancialIntelligence-organizations = Organisations (sujets)
field-FinancialIntelligence-accounts = Comptes
field-FinancialIntelligence-suspicion = Soupçon
field-FinancialIntelligence-link = Lien avec l’État du destinataire
field-FinancialIntelligence-purpose = But de l’utilisation
field-FinancialIntelligence-onward = Consentement à la transmission
field-FinancialIntelligence-conditions = Conditions d’utilisation
field-FinancialIntelligence-sought = Renseignements recherchés
field-FinancialIntelligence-transfers = Virements
field-FinancialIntelligence-transfer_count = Nombre de virements
field-FinancialIntelligence-transfer_total = Total des virements
field-FinancialIntelligence-period = Période visée

## JointOperation

field-JointOperation-objective = Objectif
field-JointOperation-members = Autorités participantes
field-JointOperation-window = Période de l’opération
field-JointOperation-area = Zone de l’opération
field-JointOperation-tasks = Tâches
field-JointOperation-persons = Personnes visées
field-JointOperation-organizations = Organisations visées
field-JointOperation-substances = Substances
field-JointOperation-conveyances = Véhicules, navires, aéronefs, conteneurs
field-JointOperation-powers = Pouvoirs et droit applicable
field-JointOperation-communication = Communications entre participants

## JointOperation.Member

field-JointOperation_Member-authority = Autorité
field-JointOperation_Member-leads = Dirige l’opération
field-JointOperation_Member-contacts = Contacts

## JointOperation.Task

field-JointOperation_Task-description = Description de la tâche
field-JointOperation_Task-member = Participant chargé (numéro)
field-JointOperation_Task-window = Période de la tâche
field-JointOperation_Task-place = Lieu de la tâche

## BorderAlert

field-BorderAlert-crossing = Point de passage
field-BorderAlert-expected_at = Passage prévu le
field-BorderAlert-direction = Sens du passage
field-BorderAlert-persons = Personnes visées
field-BorderAlert-conveyances = Véhicules, navires, aéronefs, conteneurs
field-BorderAlert-substances = Substances
field-BorderAlert-goods = Marchandises ou autres objets
field-BorderAlert-actions = Mesures demandées
field-BorderAlert-reason = Motifs de l’alerte
field-BorderAlert-expires_at = Alerte caduque après le
field-BorderAlert-contact = Contact pour l’alerte

## PrecursorAlert

field-PrecursorAlert-substances = Précurseurs et autres substances
field-PrecursorAlert-parties = Parties à l’envoi des marchandises
field-PrecursorAlert-route = Itinéraire des marchandises
field-PrecursorAlert-departs = Départ
field-PrecursorAlert-arrives = Arrivée
field-PrecursorAlert-conveyances = Véhicules, navires, aéronefs, conteneurs
field-PrecursorAlert-papers = Permis et documents commerciaux
field-PrecursorAlert-reason = Motifs de soupçonner un détournement
field-PrecursorAlert-actions = Mesures demandées

## PrecursorAlert.Party

field-PrecursorAlert_Party-part = Rôle dans l’envoi des marchandises
field-PrecursorAlert_Party-organization = Organisation
field-PrecursorAlert_Party-person = Personne physique

## TechnicalAssistance

field-TechnicalAssistance-subtype = Type d’assistance
field-TechnicalAssistance-need = Besoin
field-TechnicalAssistance-priority = Priorité
field-TechnicalAssistance-beneficiary = Bénéficiaire
field-TechnicalAssistance-outcome = Résultat attendu
field-TechnicalAssistance-period = Période
field-TechnicalAssistance-budget = Budget
field-TechnicalAssistance-participants = Nombre de participants
field-TechnicalAssistance-is_offer = Offre et non demande

## ExecutedItem

field-ExecutedItem-item = Point de la demande (numéro)
field-ExecutedItem-description = Ce qui a été fait
field-ExecutedItem-attachments = Pièces jointes (numéros)
field-ExecutedItem-procedure = Procédure suivie
field-ExecutedItem-done_on = Exécuté le
field-ExecutedItem-done_by = Autorité d’exécution
field-ExecutedItem-certification = Sceau, signature et certificat

## Execution

field-Execution-results = Résultats de l’exécution
field-Execution-conditions = Conditions d’utilisation
field-Execution-to_return = Originaux à restituer
field-Execution-costs = Frais extraordinaires
field-Execution-remarks = Observations

## PartialExecution

field-PartialExecution-results = Résultats de l’exécution
field-PartialExecution-outstanding = Points restant à exécuter
field-PartialExecution-conditions = Conditions d’utilisation
field-PartialExecution-remarks = Observations

## PartialExecution.Outstanding

field-PartialExecution_Outstanding-item = Point de la demande (numéro)
field-PartialExecution_Outstanding-reason = Motifs du retard ou du refus
field-PartialExecution_Outstanding-expected = Date prévue
field-PartialExecution_Outstanding-refused = Refusé
field-PartialExecution_Outstanding-ground = Motif de refus

## Refusal

field-Refusal-reasons = Motifs du refus
field-Refusal-items = Points refusés (numéros)
field-Refusal-consulted_on = Date de la consultation
field-Refusal-consultation = Consultation proposée ou tenue
field-Refusal-remedy = Ce qui permettrait d’accorder l’entraide

## Refusal.Reason

field-Refusal_Reason-ground = Motif de refus
field-Refusal_Reason-text = Exposé des motifs
field-Refusal_Reason-provision = Disposition légale

## Postponement

field-Postponement-reason = Motifs du report
field-Postponement-review_on = Date de réexamen
field-Postponement-items = Points différés (numéros)
field-Postponement-consulted_on = Date de la consultation
field-Postponement-terms_offered = Conditions d’une entraide immédiate

## Consultation

field-Consultation-intent = Objet de la consultation
field-Consultation-explanation = Explications
field-Consultation-ground = Motif de refus
field-Consultation-terms = Modalités et conditions
field-Consultation-reply_by = Réponse souhaitée avant le
field-Consultation-meeting = Date de réunion proposée

## InformationRequest

field-InformationRequest-questions = Questions
field-InformationRequest-reply_by = Réponse souhaitée avant le
field-InformationRequest-execution_waits = L’exécution attend la réponse

## InformationRequest.Question

field-InformationRequest_Question-text = Question
field-InformationRequest_Question-item = Alinéa de l’article (lettre)
field-InformationRequest_Question-reason = Raison de la question

## InformationResponse

field-InformationResponse-answers = Réponses
field-InformationResponse-supplement = Complément sur l’affaire

## InformationResponse.Answer

field-InformationResponse_Answer-question = Question traitée (numéro)
field-InformationResponse_Answer-text = Réponse
field-InformationResponse_Answer-attachments = Pièces jointes (numéros)
field-InformationResponse_Answer-unavailable = Raison de l’absence de réponse

## Progress

field-Progress-report = Progrès accomplis
field-Progress-done = Points exécutés (numéros)
field-Progress-expected = Achèvement prévu le
field-Progress-next_report = Prochain compte rendu le
field-Progress-obstacle = Obstacles

## ConfidentialityNotice

field-ConfidentialityNotice-notice = Objet de l’avis
field-ConfidentialityNotice-explanation = Explications
field-ConfidentialityNotice-disclosed = Ce qui est révélé
field-ConfidentialityNotice-disclosed_to = Révélé à
field-ConfidentialityNotice-disclosed_on = Date de la révélation
field-ConfidentialityNotice-asks_to_proceed = Demande s’il faut néanmoins exécuter
field-ConfidentialityNotice-reply_by = Réponse souhaitée avant le

## ConsentToUse

field-ConsentToUse-step = Consentement demandé ou donné
field-ConsentToUse-material = Éléments visés
field-ConsentToUse-packets = Envois visés (identifiants)
field-ConsentToUse-proceeding = Autre procédure
field-ConsentToUse-intended_use = Utilisation envisagée
field-ConsentToUse-recipients = À transmettre à
field-ConsentToUse-conditions = Conditions d’utilisation
field-ConsentToUse-reason = Motifs

## Amendment

field-Amendment-reason = Motifs de la modification
field-Amendment-changes = Modifications
field-Amendment-matter = L’affaire, version modifiée
field-Amendment-assistance = Assistance supplémentaire demandée
field-Amendment-dropped = Points abandonnés (numéros)

## Amendment.Change

field-Amendment_Change-what = Objet de la modification
field-Amendment_Change-before = Avant
field-Amendment_Change-after = Après

## Withdrawal

field-Withdrawal-reason = Motifs du retrait
field-Withdrawal-material = Éléments déjà recueillis

## Closing

field-Closing-result = Résultat
field-Closing-use_made = Usage fait de l’entraide
field-Closing-material = Originaux et copies
field-Closing-remarks = Observations
