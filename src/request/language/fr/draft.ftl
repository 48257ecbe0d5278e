## What a draft says in its head and its comments: each message is one line there, behind a "#".

draft-head = Projet d’envoi : { $kind }. Base juridique : { $basis }.
draft-next = Pour continuer : compléter, vérifier avec `rogatory check FICHIER`, puis envoyer avec `rogatory send FICHIER`.
draft-required = obligatoire : { $article }
draft-where-possible = si possible : { $article }
draft-optional = facultatif
draft-one-of = une des valeurs : { $values }
draft-uncomment = Supprimer le # devant chaque ligne utile ; les autres peuvent rester telles quelles.
draft-date = Une date est grégorienne, avec la précision connue : iso = "2026-09-16", "2026-09" ou "2026". Si l’original suit un autre calendrier, l’indiquer aussi : calendar = "solar_hijri", as_written = "۱۴۰۵/۰۶/۲۵".
draft-amount = Un montant est un nombre décimal entre guillemets, avec un point, et sa monnaie selon ISO 4217 : currency = "EUR", value = "1140.50".
draft-name = Un nom figure dans sa propre écriture, comme dans le document ; chaque translittération indique son système, par exemple "ISO 233-3" ou "comme au passeport".
draft-number = Un numéro qui renvoie à une liste (personne, pièce jointe, point) se compte à partir de 1 ; 0 signifie aucun.
draft-attachments = Fichiers dans l’ordre ; path est relatif au dossier de ce fichier. Une traduction indique le numéro de la pièce traduite : translation_of = 1.
draft-expires = Passé ce délai, la passerelle du destinataire refuse l’envoi : nombre de jours ("30d"), date ("2026-09-16") ou heure selon RFC 3339 ; deux ans au plus.
draft-urgency = routine, priority, urgent (alors avec urgency_reason) ou oral_confirmed (alors avec oral_request).
