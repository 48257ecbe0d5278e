## What a draft says in its head and its comments: each message is one line there, behind a "#".

draft-head = Draft of a packet: { $kind }. Legal basis: { $basis }.
draft-next = How to go on: fill it in, look it over with `rogatory check FILE`, then send it with `rogatory send FILE`.
draft-required = required: { $article }
draft-where-possible = where possible: { $article }
draft-optional = may be left out
draft-one-of = one of: { $values }
draft-uncomment = Remove the # before each line that you need; the others may stay as they are.
draft-date = A date is Gregorian and as exact as it is known: iso = "2026-09-16", "2026-09" or "2026". Where it was written in another calendar, give that too: calendar = "solar_hijri", as_written = "۱۴۰۵/۰۶/۲۵".
draft-amount = An amount is a decimal number in quotes, with a point, and its currency by ISO 4217: currency = "EUR", value = "1140.50".
draft-name = A name stands in its own script, as in the document; each transliteration names its scheme, such as "ISO 233-3" or "as in passport".
draft-number = A number that points into a list (a person, an attachment, an item) counts from 1; 0 is none.
draft-attachments = Files in their order; path is relative to the folder of this file. A translation names the number of what it translates: translation_of = 1.
draft-expires = After this the recipient’s gateway refuses the packet: days from now ("30d"), a date ("2026-09-16") or a time of RFC 3339; two years ahead at most.
draft-urgency = routine, priority, urgent (then with urgency_reason) or oral_confirmed (then with oral_request).
