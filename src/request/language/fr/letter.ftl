# The letter: titles, set phrases, dates. "for review" stands over what is not sure.

## Titles, by kind of packet.

letter-title-mutual_legal_assistance = Demande d’entraide judiciaire
letter-title-confiscation = Demande de confiscation ou de gel
letter-title-extradition = Demande d’extradition
letter-title-provisional_arrest = Demande d’arrestation provisoire
letter-title-transfer_sentenced_person = Demande de transfèrement d’une personne condamnée
letter-title-transfer_of_proceedings = Demande de transfert de procédures pénales
letter-title-spontaneous_information = Communication spontanée d’informations
letter-title-financial_intelligence = Échange de renseignements financiers
letter-title-joint_operation = Proposition d’opération conjointe
letter-title-border_alert = Alerte aux frontières
letter-title-precursor_alert = Alerte relative à des précurseurs
letter-title-technical_assistance = Demande d’assistance technique
letter-title-execution = Exécution d’une demande
letter-title-partial_execution = Exécution partielle d’une demande
letter-title-refusal = Refus motivé d’une demande
letter-title-postponement = Ajournement de l’exécution
letter-title-consultation = Consultation
letter-title-information_request = Demande de complément d’information
letter-title-information_response = Complément d’information
letter-title-progress = Rapport sur l’état d’avancement
letter-title-confidentiality_notice = Avis relatif à la confidentialité
letter-title-consent_to_use = Consentement à l’utilisation
letter-title-amendment = Modification d’une demande
letter-title-withdrawal = Retrait d’une demande
letter-title-closing = Clôture d’un dossier
letter-title-receipt = Accusé de réception

## The opening sentence.

letter-opening-request = L’autorité désignée ci-dessous présente ses compliments à l’autorité centrale de { $recipient } et a l’honneur de lui adresser la demande suivante, en vertu de : { $basis }.
letter-opening-request-bare = L’autorité désignée ci-dessous présente ses compliments à l’autorité centrale de { $recipient } et a l’honneur de lui adresser la demande suivante.
letter-opening-information = L’autorité désignée ci-dessous présente ses compliments à l’autorité centrale de { $recipient } et a l’honneur de lui communiquer ce qui suit.
letter-opening-answer = Se référant à la demande formulée dans l’affaire susmentionnée, l’autorité désignée ci-dessous a l’honneur d’informer l’autorité centrale de { $recipient } de ce qui suit.
letter-opening-refusal = Se référant à la demande formulée dans l’affaire susmentionnée, l’autorité désignée ci-dessous a le regret d’informer l’autorité centrale de { $recipient } que l’entraide requise est refusée pour les motifs exposés ci-après.
letter-opening-postponement = Se référant à la demande formulée dans l’affaire susmentionnée, l’autorité désignée ci-dessous a l’honneur d’informer l’autorité centrale de { $recipient } que l’exécution est différée pour le motif exposé ci-après.
letter-opening-receipt = Le présent accusé indique ce que les passerelles des deux autorités ont signé au sujet de l’envoi désigné ici. Il ne dit rien de son contenu, ni que la demande a été accordée.

## What stands above and below.

letter-from = De
letter-to = À
letter-date = Date
letter-our-reference = Notre référence
letter-your-reference = Votre référence
letter-wanted-by = Réponse souhaitée avant le
letter-requesting = Autorité requérante
letter-packet = Envoi
letter-case = Affaire
letter-in-reply-to = En réponse à l’envoi
letter-replaces = Remplace l’envoi
letter-urgency = Urgence
letter-expires = À refuser après le
letter-kind = Nature
letter-draft = Projet, non envoyé
letter-answering = Autorité répondante
letter-sending = Autorité expéditrice
letter-particulars = Précisions
letter-matter = Affaire
letter-yes = oui
letter-article = article { $article }
letter-labelled = { $label } : { $value }
letter-bracketed = { $value } ({ $note })
letter-comma = ,{" "}
letter-semicolon = {" "};{" "}
letter-attachment-number = N°
letter-attachment-type = Type
letter-attachment-size = Taille (octets)
letter-attachment-language = Langue
letter-attachment-translation = Traduction du n°
letter-attachment-digest = SHA-256 des pièces jointes
letter-unknown-fields = Champs que cette version du programme ne connaît pas, en base64
letter-number = N° { $n }
letter-regards = L’autorité saisit cette occasion pour renouveler les assurances de sa très haute considération.
letter-signature = Nom, qualité et signature
letter-place = Lieu et date
letter-seal = Sceau
letter-paper = Ce document est une copie de lecture. Seul fait foi l’envoi signé et scellé par { $sender }.
letter-paper-draft = Ce document provient d’un projet : rien n’a été signé ni envoyé.
letter-digest = Empreinte de l’en-tête signé (SHA-256)
letter-check = Le carré contient ce texte ; { $command } dit si une preuve est celle de cet envoi.
letter-page = page { $page } sur { $pages }

## The receipt.

letter-receipt-events = Ce qui a été signé
letter-receipt-event = Événement
letter-receipt-issuer = Signé par
letter-receipt-time = Heure (UTC)
letter-receipt-entry = Entrée
letter-receipt-cause = Cause
letter-receipt-none = rien pour l’instant
letter-receipt-log = Registre
letter-receipt-size = Taille du registre
letter-receipt-root = Hachage racine du registre
letter-receipt-proof = Place dans le registre
letter-receipt-state = Objets
letter-receipt-objects = { $count } objets scellés, { $bytes } octets

## Dates and times.

letter-date-gregorian = { $day } { $month } { $year }
letter-date-gregorian-month = { $month } { $year }
letter-date-gregorian-year = { $year }
letter-date-solar = { $day } { $month } { $year } de l’hégire solaire
letter-date-solar-month = { $month } { $year } de l’hégire solaire
letter-date-solar-year = { $year } de l’hégire solaire
letter-date-as-written = tel qu’écrit : { $date }
letter-date-about = vers { $date }
letter-date-time = { $date }, { $time } ({ $offset })
letter-from-to = du { $begins } au { $ends }
letter-from-on = à partir du { $begins }
letter-until = jusqu’au { $ends }
letter-month-1 = janvier
letter-month-2 = février
letter-month-3 = mars
letter-month-4 = avril
letter-month-5 = mai
letter-month-6 = juin
letter-month-7 = juillet
letter-month-8 = août
letter-month-9 = septembre
letter-month-10 = octobre
letter-month-11 = novembre
letter-month-12 = décembre
letter-solar-1 = farvardin
letter-solar-2 = ordibehesht
letter-solar-3 = khordad
letter-solar-4 = tir
letter-solar-5 = mordad
letter-solar-6 = shahrivar
letter-solar-7 = mehr
letter-solar-8 = aban
letter-solar-9 = azar
letter-solar-10 = dey
letter-solar-11 = bahman
letter-solar-12 = esfand

## One of several, by its number.

letter-one-Person = Personne { $n }
letter-one-Organization = Personne morale { $n }
letter-one-Offence = Infraction { $n }
letter-one-Assistance = Point { $n }
letter-one-CourtDecision = Décision { $n }
letter-one-Confiscation_Property = Bien { $n }
letter-one-JointOperation_Member = Autorité { $n }
letter-one-JointOperation_Task = Tâche { $n }
letter-one-PrecursorAlert_Party = Partie { $n }
letter-one-ExecutedItem = Résultat { $n }
letter-one-PartialExecution_Outstanding = Point en suspens { $n }
letter-one-Refusal_Reason = Motif { $n }
letter-one-InformationRequest_Question = Question { $n }
letter-one-InformationResponse_Answer = Réponse { $n }
letter-one-Amendment_Change = Modification { $n }
letter-one-Substance = Substance { $n }
letter-one-CulturalObject = Objet { $n }
letter-one-Conveyance = Moyen de transport { $n }
letter-one-Transfer = Virement { $n }
